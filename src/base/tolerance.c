/* The register of tolerances that R and workbooks read. */
#include "base/tolerance.h"

const cap_name cap_share_states[] = {
    {"none", CAP_SHARE_NONE},
    {"part", CAP_SHARE_PART},
    {"whole", CAP_SHARE_WHOLE},
    {NULL, 0},
};

const cap_tolerance *cap_tolerance_at(size_t k)
{
    static const cap_tolerance all[] = {
        {"bound", CAP_BOUND_SLACK},
        {"share", CAP_SHARE_SLACK},
        {"step", CAP_STEP_SLACK},
        {"tie", CAP_TIE_GAP},
        {"rank", CAP_RANK_GAP},
        {"maximum", CAP_MAXIMUM_GAP},
        {"spread", CAP_SPREAD_SLACK},
        {"weight", CAP_WEIGHT_SLACK},
        {"judgement", CAP_JUDGEMENT_SLACK},
        {"same_score", CAP_SAME_SCORE},
        {"published", CAP_PUBLISHED_SLACK},
        {"sum", CAP_SUM_SLACK},
        {"digit", CAP_DIGIT_SLACK},
        {"decimal", CAP_DECIMAL_SLACK},
    };
    return k < sizeof all / sizeof all[0] ? &all[k] : NULL;
}
