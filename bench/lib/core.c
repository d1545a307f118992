/* The core without R: seconds for aggregation with the overall rank, and for
 * the ranks of all nodes, the best of many runs. Arguments: a file of lines
 * "parent weight max", a file of answers (doubles, units in rows), units. */
#define _POSIX_C_SOURCE 200809L
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "core/index/aggregate.h"
#include "core/index/rank.h"

enum { MOST_NODES = 1000, RUNS = 2000 };

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

int main(int argc, char **argv)
{
    static size_t parent[MOST_NODES];
    static double weight[MOST_NODES], max[MOST_NODES];
    static int direction[MOST_NODES];
    size_t n = 0, n_rows = argc > 3 ? (size_t)atol(argv[3]) : 0;
    long above;
    cap_tree tree;
    cap_error err;
    FILE *lines = fopen(argv[1], "r"), *dump = fopen(argv[2], "rb");
    if (lines == NULL || dump == NULL || n_rows == 0) {
        return 2;
    }
    while (n < MOST_NODES &&
           fscanf(lines, "%ld %lf %lf", &above, &weight[n], &max[n]) == 3) {
        parent[n] = above < 0 ? CAP_NO_NODE : (size_t)above;
        direction[n++] = 1;
    }
    if (cap_tree_build(n, parent, weight, max, direction, &tree, &err)) {
        return 2;
    }
    size_t cells = n_rows * tree.n_leaves, nodes = n_rows * n;
    double *answers = malloc(cells * sizeof *answers);
    double *scores = malloc(nodes * sizeof *scores);
    double *coverage = malloc(nodes * sizeof *coverage);
    double *ranks = malloc(nodes * sizeof *ranks);
    size_t segment[2] = {0, n_rows};
    cap_aggregate_options options = {NULL, NULL, CAP_MISSING_ERROR, 0};
    double best_score = 1e9, best_ranks = 1e9;
    if (fread(answers, sizeof *answers, cells, dump) != cells) {
        return 2;
    }
    for (int run = 0; run < RUNS; run++) {
        double start = now();
        cap_aggregate(&tree, &options, n_rows, answers, scores, coverage, NULL,
                      &err);
        cap_rank_panel(n_rows, 1, scores + tree.root * n_rows, 1, segment,
                       CAP_RANK_DENSE, ranks, NULL, &err);
        double middle = now();
        cap_rank_panel(n_rows, n, scores, 1, segment, CAP_RANK_DENSE, ranks,
                       NULL, &err);
        double end = now();
        best_score = middle - start < best_score ? middle - start : best_score;
        best_ranks = end - middle < best_ranks ? end - middle : best_ranks;
    }
    printf("%.9g\n%.9g\n", best_score, best_ranks);
    return 0;
}
