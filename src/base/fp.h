/* Keeps the compiler from fusing a multiply and an add, so that every build
 * on one machine gives the same bits, and lets GCC vectorise loops and unroll
 * short ones at -O2 as clang does. Include first in files that compute. (Flags
 * would do the same, but R CMD check rejects them.) */
#ifndef CAP_FP_H
#define CAP_FP_H

#if defined(__clang__)
#pragma STDC FP_CONTRACT OFF
#elif defined(__GNUC__)
#pragma GCC optimize("peel-loops", "fp-contract=off", "no-trapping-math",     \
                     "tree-vectorize", "vect-cost-model=dynamic")
#endif

/* Before a hot function: it is compiled for wider registers too, and the
 * machine picks, where configure found that this works; the number is what the
 * compiler knows. All versions give the same bits, since none fuses or
 * reorders. */
#if defined(CAP_MULTIVERSION) && CAP_MULTIVERSION == 4
#define CAP_HOT                                                               \
    __attribute__((                                                           \
        target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#elif defined(CAP_MULTIVERSION) && CAP_MULTIVERSION == 3
#define CAP_HOT __attribute__((target_clones("arch=x86-64-v3", "default")))
#elif defined(CAP_MULTIVERSION) && CAP_MULTIVERSION == 2
#define CAP_HOT __attribute__((target_clones("avx2", "default")))
#else
#define CAP_HOT
#endif

/* Before a short loop that does not vectorise: four rounds at a time. */
#if defined(__clang__)
#define CAP_UNROLL _Pragma("clang loop unroll_count(4)")
#elif defined(__GNUC__)
#define CAP_UNROLL _Pragma("GCC unroll 4")
#else
#define CAP_UNROLL
#endif

#endif
