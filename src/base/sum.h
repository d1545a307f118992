/* Neumaier's compensated sum (ZAMM 54, 1974): for sums that reach a table. */
#ifndef CAP_SUM_H
#define CAP_SUM_H

#include <math.h>

typedef struct {
    double sum;
    double lost;
} cap_sum;

static inline void cap_sum_add(cap_sum *s, double term)
{
    double t = s->sum + term;
    s->lost +=
        fabs(s->sum) >= fabs(term) ? (s->sum - t) + term : (term - t) + s->sum;
    s->sum = t;
}

static inline double cap_sum_value(const cap_sum *s)
{
    return s->sum + s->lost;
}

#endif
