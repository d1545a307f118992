/* Words for the enumerations of a plan. */
#include "xlsx/plan.h"

const cap_name cap_xlsx_kinds[] = {
    {"number", CAP_XLSX_NUMBER},
    {"string", CAP_XLSX_STRING},
    {"formula", CAP_XLSX_FORMULA},
    {"link", CAP_XLSX_LINK},
    {NULL, 0},
};

const cap_name cap_xlsx_h_aligns[] = {
    {"none", CAP_XLSX_ALIGN_NONE},
    {"left", CAP_XLSX_ALIGN_LEFT},
    {"center", CAP_XLSX_ALIGN_CENTER},
    {"right", CAP_XLSX_ALIGN_RIGHT},
    {NULL, 0},
};

const cap_name cap_xlsx_v_aligns[] = {
    {"none", CAP_XLSX_ALIGN_NONE},
    {"top", CAP_XLSX_ALIGN_TOP},
    {"middle", CAP_XLSX_ALIGN_MIDDLE},
    {"bottom", CAP_XLSX_ALIGN_BOTTOM},
    {NULL, 0},
};

const cap_name cap_xlsx_borders[] = {
    {"none", CAP_XLSX_BORDER_NONE},     {"thin", CAP_XLSX_BORDER_THIN},
    {"medium", CAP_XLSX_BORDER_MEDIUM}, {"thick", CAP_XLSX_BORDER_THICK},
    {"hair", CAP_XLSX_BORDER_HAIR},     {NULL, 0},
};

const cap_name cap_xlsx_reading_orders[] = {
    {"by_text", CAP_XLSX_READ_BY_TEXT},
    {"left_to_right", CAP_XLSX_READ_LEFT_TO_RIGHT},
    {"right_to_left", CAP_XLSX_READ_RIGHT_TO_LEFT},
    {NULL, 0},
};

const cap_name cap_xlsx_chart_kinds[] = {
    {"bar", CAP_XLSX_BAR},
    {"bar_stacked", CAP_XLSX_BAR_STACKED},
    {"column", CAP_XLSX_COLUMN},
    {"column_stacked", CAP_XLSX_COLUMN_STACKED},
    {"line", CAP_XLSX_LINE},
    {"scatter", CAP_XLSX_SCATTER},
    {NULL, 0},
};

const cap_name cap_xlsx_legends[] = {
    {"none", CAP_XLSX_LEGEND_NONE},
    {"right", CAP_XLSX_LEGEND_RIGHT},
    {"top", CAP_XLSX_LEGEND_TOP},
    {"bottom", CAP_XLSX_LEGEND_BOTTOM},
    {NULL, 0},
};

const cap_name cap_xlsx_markers[] = {
    {"auto", CAP_XLSX_MARKER_AUTO},
    {"none", CAP_XLSX_MARKER_NONE},
    {"square", CAP_XLSX_MARKER_SQUARE},
    {"diamond", CAP_XLSX_MARKER_DIAMOND},
    {"triangle", CAP_XLSX_MARKER_TRIANGLE},
    {"circle", CAP_XLSX_MARKER_CIRCLE},
    {"long_dash", CAP_XLSX_MARKER_LONG_DASH},
    {"x", CAP_XLSX_MARKER_X},
    {NULL, 0},
};

const cap_name cap_xlsx_labels_words[] = {
    {"none", CAP_XLSX_LABELS_NONE},
    {"default", CAP_XLSX_LABELS_DEFAULT},
    {"outside_end", CAP_XLSX_LABELS_OUTSIDE_END},
    {"inside_end", CAP_XLSX_LABELS_INSIDE_END},
    {"inside_base", CAP_XLSX_LABELS_INSIDE_BASE},
    {"center", CAP_XLSX_LABELS_CENTER},
    {"right", CAP_XLSX_LABELS_RIGHT},
    {"left", CAP_XLSX_LABELS_LEFT},
    {"above", CAP_XLSX_LABELS_ABOVE},
    {"below", CAP_XLSX_LABELS_BELOW},
    {NULL, 0},
};

const cap_name cap_xlsx_spans[] = {
    {"none", CAP_XLSX_SPAN_NONE},
    {"tick", CAP_XLSX_SPAN_TICK},
    {"to_zero", CAP_XLSX_SPAN_TO_ZERO},
    {NULL, 0},
};

const cap_name cap_xlsx_rule_kinds[] = {
    {"data_bar", CAP_XLSX_RULE_DATA_BAR}, {"scale_2", CAP_XLSX_RULE_SCALE_2},
    {"scale_3", CAP_XLSX_RULE_SCALE_3},   {"cell", CAP_XLSX_RULE_CELL},
    {"text", CAP_XLSX_RULE_TEXT},         {NULL, 0},
};

const cap_name cap_xlsx_compares[] = {
    {"equal", CAP_XLSX_EQUAL},     {"not_equal", CAP_XLSX_NOT_EQUAL},
    {"greater", CAP_XLSX_GREATER}, {"greater_equal", CAP_XLSX_GREATER_EQUAL},
    {"less", CAP_XLSX_LESS},       {"less_equal", CAP_XLSX_LESS_EQUAL},
    {"between", CAP_XLSX_BETWEEN}, {NULL, 0},
};

const cap_name cap_xlsx_validation_kinds[] = {
    {"list", CAP_XLSX_VALID_LIST},
    {"decimal", CAP_XLSX_VALID_DECIMAL},
    {"whole", CAP_XLSX_VALID_WHOLE},
    {NULL, 0},
};
