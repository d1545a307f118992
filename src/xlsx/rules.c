/* Conditional formats, validations and defined names of a plan. */
#include "xlsx/book.h"

#include <stdio.h>
#include <string.h>

/* ---- conditional formats ----------------------------------------------- */

static const uint8_t criteria_of[CAP_XLSX_COMPARE_COUNT] = {
    [CAP_XLSX_EQUAL] = LXW_CONDITIONAL_CRITERIA_EQUAL_TO,
    [CAP_XLSX_NOT_EQUAL] = LXW_CONDITIONAL_CRITERIA_NOT_EQUAL_TO,
    [CAP_XLSX_GREATER] = LXW_CONDITIONAL_CRITERIA_GREATER_THAN,
    [CAP_XLSX_GREATER_EQUAL] =
        LXW_CONDITIONAL_CRITERIA_GREATER_THAN_OR_EQUAL_TO,
    [CAP_XLSX_LESS] = LXW_CONDITIONAL_CRITERIA_LESS_THAN,
    [CAP_XLSX_LESS_EQUAL] = LXW_CONDITIONAL_CRITERIA_LESS_THAN_OR_EQUAL_TO,
    [CAP_XLSX_BETWEEN] = LXW_CONDITIONAL_CRITERIA_BETWEEN,
};

/* A light tint, for bars and for the dark end of scales without a colour. */
#define DEFAULT_TINT 0xBFD4E6

static lxw_color_t color_or(uint32_t color, lxw_color_t otherwise)
{
    return color == 0 ? otherwise : cap_book_color(color);
}

static void fixed_ends(const cap_xlsx_rule *rule, lxw_conditional_format *cf)
{
    cf->min_rule_type = LXW_CONDITIONAL_RULE_TYPE_NUMBER;
    cf->max_rule_type = LXW_CONDITIONAL_RULE_TYPE_NUMBER;
    cf->min_value = rule->min;
    cf->max_value = rule->max;
}

static void data_bar(const cap_xlsx_rule *rule, lxw_conditional_format *cf)
{
    cf->type = LXW_CONDITIONAL_DATA_BAR;
    fixed_ends(rule, cf);
    cf->bar_color = color_or(rule->color, DEFAULT_TINT);
    cf->bar_solid = 1;
    cf->bar_no_border = 1;
    cf->bar_negative_color_same = 1;
}

static void color_scale(const cap_xlsx_rule *rule, lxw_conditional_format *cf)
{
    cf->type = LXW_CONDITIONAL_2_COLOR_SCALE;
    fixed_ends(rule, cf);
    cf->min_color = color_or(rule->color, 0xFFFFFF);
    cf->max_color = color_or(rule->max_color, DEFAULT_TINT);
    if (rule->kind == CAP_XLSX_RULE_SCALE_3) {
        cf->type = LXW_CONDITIONAL_3_COLOR_SCALE;
        cf->mid_rule_type = LXW_CONDITIONAL_RULE_TYPE_NUMBER;
        cf->mid_value = rule->mid;
        cf->mid_color = color_or(rule->mid_color, 0xE9F0F6);
    }
}

static void compare_number(const cap_xlsx_rule *rule,
                           lxw_conditional_format *cf)
{
    cf->type = LXW_CONDITIONAL_TYPE_CELL;
    cf->criteria = criteria_of[rule->compare];
    cf->value = rule->min;
    if (rule->compare == CAP_XLSX_BETWEEN) {
        cf->min_value = rule->min;
        cf->max_value = rule->max;
    }
}

/* ="text" with its quotes doubled; at most 250 units of up to 4 bytes. */
#define QUOTED_SIZE 2048
static void compare_text(const cap_xlsx_rule *rule, lxw_conditional_format *cf,
                         char *quoted)
{
    size_t n = 0;
    quoted[n++] = '=';
    quoted[n++] = '"';
    for (const char *p = rule->text; *p != '\0' && n < QUOTED_SIZE - 4; p++) {
        if (*p == '"') {
            quoted[n++] = '"';
        }
        quoted[n++] = *p;
    }
    quoted[n++] = '"';
    quoted[n] = '\0';
    cf->type = LXW_CONDITIONAL_TYPE_CELL;
    cf->criteria = LXW_CONDITIONAL_CRITERIA_EQUAL_TO;
    cf->value_string = quoted;
}

static cap_status add_rule(cap_book *book, const cap_xlsx_rule *rule)
{
    char quoted[QUOTED_SIZE];
    lxw_conditional_format cf;
    memset(&cf, 0, sizeof cf);
    switch (rule->kind) {
    case CAP_XLSX_RULE_DATA_BAR:
        data_bar(rule, &cf);
        break;
    case CAP_XLSX_RULE_SCALE_2:
    case CAP_XLSX_RULE_SCALE_3:
        color_scale(rule, &cf);
        break;
    case CAP_XLSX_RULE_TEXT:
        compare_text(rule, &cf, quoted);
        break;
    default:
        compare_number(rule, &cf);
        break;
    }
    cf.format = book->formats[rule->format];
    const cap_xlsx_range *r = &rule->range;
    lxw_error code = worksheet_conditional_format_range(
        book->sheets[r->sheet], r->first_row, (lxw_col_t)r->first_col,
        r->last_row, (lxw_col_t)r->last_col, &cf);
    return code == LXW_NO_ERROR ? CAP_OK
                                : cap_book_result(book, code, r->sheet,
                                                  r->first_row, r->first_col);
}

/* ---- validations ------------------------------------------------------- */

/* The library copies the formula of a list twice and loses one copy, so it is
 * given as another kind of formula and then called a list. */
static void make_lists(lxw_worksheet *sheet)
{
    lxw_data_val_obj *each;
    STAILQ_FOREACH(each, sheet->data_validations, list_pointers)
    {
        if (each->validate == LXW_VALIDATION_TYPE_CUSTOM_FORMULA) {
            each->validate = LXW_VALIDATION_TYPE_LIST_FORMULA;
        }
    }
}

static cap_status add_validation(cap_book *book, const cap_xlsx_validation *v)
{
    char source[CAP_XLSX_REFERENCE];
    lxw_data_validation dv;
    memset(&dv, 0, sizeof dv);
    if (v->kind == CAP_XLSX_VALID_LIST) {
        cap_xlsx_reference(book->plan, &v->source, source);
        dv.validate =
            LXW_VALIDATION_TYPE_CUSTOM_FORMULA; /* see make_lists() */
        dv.value_formula = source;
    } else {
        dv.validate = v->kind == CAP_XLSX_VALID_WHOLE
                          ? LXW_VALIDATION_TYPE_INTEGER
                          : LXW_VALIDATION_TYPE_DECIMAL;
        dv.criteria = LXW_VALIDATION_CRITERIA_BETWEEN;
        dv.minimum_number = v->min;
        dv.maximum_number = v->max;
    }
    dv.ignore_blank =
        v->refuse_blank ? LXW_VALIDATION_OFF : LXW_VALIDATION_DEFAULT;
    dv.error_type = v->warn_only ? LXW_VALIDATION_ERROR_TYPE_WARNING
                                 : LXW_VALIDATION_ERROR_TYPE_STOP;
    dv.input_title = (char *)v->input_title;
    dv.input_message = (char *)v->input_message;
    dv.error_title = (char *)v->error_title;
    dv.error_message = (char *)v->error_message;
    const cap_xlsx_range *r = &v->range;
    lxw_error code = worksheet_data_validation_range(
        book->sheets[r->sheet], r->first_row, (lxw_col_t)r->first_col,
        r->last_row, (lxw_col_t)r->last_col, &dv);
    return code == LXW_NO_ERROR ? CAP_OK
                                : cap_book_result(book, code, r->sheet,
                                                  r->first_row, r->first_col);
}

static cap_status define_name(cap_book *book, const cap_xlsx_name *name)
{
    char reference[CAP_XLSX_REFERENCE];
    cap_xlsx_reference(book->plan, &name->range, reference);
    lxw_error code =
        workbook_define_name(book->workbook, name->name, reference);
    return code == LXW_NO_ERROR
               ? CAP_OK
               : cap_book_result(book, code, name->range.sheet,
                                 name->range.first_row, name->range.first_col);
}

cap_status cap_book_rules(cap_book *book)
{
    const cap_xlsx_plan *plan = book->plan;
    cap_status status = CAP_OK;
    for (size_t i = 0; i < plan->n_rules && status == CAP_OK; i++) {
        status = add_rule(book, &plan->rules[i]);
    }
    for (size_t i = 0; i < plan->n_validations && status == CAP_OK; i++) {
        status = add_validation(book, &plan->validations[i]);
    }
    for (size_t i = 0; i < plan->n_sheets; i++) {
        make_lists(book->sheets[i]);
    }
    for (size_t i = 0; i < plan->n_names && status == CAP_OK; i++) {
        status = define_name(book, &plan->names[i]);
    }
    return status;
}
