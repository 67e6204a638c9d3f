#pragma once
#include <stdint.h>

/*
 * One pass over all pairs of a group and an option: the option of least score per group, and sums over the
 * chosen pairs. Scores are linear in a few columns and computed in double precision whatever the columns'
 * own precision is.
 *
 * Groups stand at positions; PRICING_TILE consecutive positions are a tile. A dense column holds its values
 * by tile, then option, then position within the tile, so that a pass reads memory in order. NaN in a dense
 * column excludes a pair.
 */

enum { PRICING_TILE = 16, PRICING_MOST_DIRECTIONS = 4 };

typedef struct {
  const void *const *dense;    /* dense_count columns of tiles * option_count * PRICING_TILE values */
  const void *const *features; /* feature_count columns of one value per position */
  const double *counts;        /* how many groups stand at each position, or null for one */
  int32_t dense_count;
  int32_t feature_count;
  int32_t option_count;
  int32_t is_double; /* whether the values are double rather than float */
} pricing_columns;

typedef struct {
  int64_t first_tile;
  int64_t tile_count;
  int64_t tile_stride;   /* 1 for every tile, s for every s-th */
  int64_t end_position;  /* positions from here on are padding */
  /* Per option 1 + feature_count + dense_count weights: constant, features, dense columns. */
  const double *weights;
  /* direction_count sets of weights more, direction_stride apart: how scores change as the weights move. */
  const double *directions;
  int64_t direction_stride;
  int32_t direction_count;
  const int32_t *options; /* the options that are looked at, ascending */
  int32_t listed_options; /* how many */
} pricing_range;

typedef struct {
  int32_t position;
  int32_t option;
  float gap;  /* the score less the least score of the group */
  float move; /* by how much the gap changes over all directions, signs left out */
} pricing_pair;

/* What counts as near: a gap of at most least + distance * move. */
typedef struct {
  double least, distance;
  /* Of the options within least + tied_distance * move, at most so many per position, the first ones listed. */
  double tied_distance;
  int32_t most_tied;
} pricing_search;

/*
 * Adds to sums, per option 1 + feature_count + dense_count of them, the number of groups that choose it and
 * the sums of their columns; to bound[0] + bound[1], a compensated sum, their least scores. The chosen option
 * of each position is stored in choice unless that is null. Of equal scores the first option listed wins.
 */
void pricing_pass(const pricing_columns *columns, const pricing_range *range, double *sums, double *bound,
                  uint16_t *choice);

/*
 * Stores the pairs that are near, other than the chosen ones, by position. Returns their number; of those, the
 * first `capacity` are stored.
 */
int64_t pricing_near(const pricing_columns *columns, const pricing_range *range,
                     const pricing_search *search, pricing_pair *pairs, int64_t capacity);
