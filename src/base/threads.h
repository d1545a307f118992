/* OpenMP in one place, so that the code reads the same without it. */
#ifndef CAP_THREADS_H
#define CAP_THREADS_H

#define CAP_PRAGMA(text) _Pragma(#text)

#ifdef _OPENMP
#include <omp.h>
#define CAP_PARALLEL(n) CAP_PRAGMA(omp parallel num_threads(n))
/* Iterations in order, each to the next free thread. */
#define CAP_SHARED_LOOP CAP_PRAGMA(omp for schedule(dynamic, 1))
#define CAP_ATOMIC_READ CAP_PRAGMA(omp atomic read)
#define CAP_ATOMIC_WRITE CAP_PRAGMA(omp atomic write)
#define CAP_CRITICAL CAP_PRAGMA(omp critical)
#else
#define CAP_PARALLEL(n)
#define CAP_SHARED_LOOP
#define CAP_ATOMIC_READ
#define CAP_ATOMIC_WRITE
#define CAP_CRITICAL
#endif

static inline int cap_thread_number(void)
{
#ifdef _OPENMP
    return omp_get_thread_num();
#else
    return 0;
#endif
}

/* The threads that a request gets: at least one, at most what the machine's
 * limit (OMP_THREAD_LIMIT) allows; one without OpenMP. */
static inline int cap_threads_usable(int requested)
{
    int usable = requested > 1 ? requested : 1;
#ifdef _OPENMP
    int limit = omp_get_thread_limit();
    return usable < limit ? usable : limit;
#else
    (void)usable;
    return 1;
#endif
}

#endif
