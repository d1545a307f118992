/* Keeps the compiler from fusing a multiply and an add, so that every build
 * on one machine gives the same bits. Include first in files that compute.
 * (A flag would do the same, but R CMD check rejects it.) */
#ifndef CAP_FP_H
#define CAP_FP_H

#if defined(__clang__)
#pragma STDC FP_CONTRACT OFF
#elif defined(__GNUC__)
#pragma GCC optimize("fp-contract=off")
#endif

#endif
