#pragma once
#include "shim.h"

/*
 * A linear program that is kept between solves, for those that change a little each time. Minimized, not
 * scaled: its caller scales. Every function runs guarded; after GLPK_SHIM_ABORTED the program is gone.
 *
 * GLPK's environment belongs to the thread, and a stop frees all of it: while a session lives, its thread
 * must make no other call of GLPK, and a session must be deleted by the thread that made it.
 */

typedef struct {
  glp_prob *lp; /* null once it is gone */
} glpk_session;

typedef struct {
  int method;          /* GLP_PRIMAL, GLP_DUAL or GLP_DUALP */
  int fresh_basis;     /* whether to start from the slack basis instead of the last one */
  int scale;           /* whether to scale rows and columns first */
  int iteration_limit;
  int time_limit;      /* milliseconds */
  double primal_tolerance, dual_tolerance;
} glpk_session_settings;

typedef struct {
  glpk_session *session;
  int count;
  const int *indices, *starts, *rows;
  const double *lower, *upper, *costs, *entries;
  const unsigned char *status;
  const glpk_session_settings *settings;
  double *first, *second;
  int code, answer;
} glpk_session_call;

static inline int glpk_session_run(void (*body)(void *), glpk_session_call *call) {
  char message[GLPK_SHIM_MESSAGE];
  if (call->session->lp == NULL && call->lower == NULL) return GLPK_SHIM_ABORTED;
  int code = glpk_shim_run(body, call, message);
  if (code != 0) call->session->lp = NULL;
  return code;
}

static inline void glpk_session_make_body(void *info) {
  glpk_session_call *call = (glpk_session_call *)info;
  glp_prob *lp = glp_create_prob();
  glp_set_obj_dir(lp, GLP_MIN);
  if (call->count > 0) glp_add_rows(lp, call->count);
  for (int i = 0; i < call->count; i++) {
    double lower = call->lower[i], upper = call->upper[i];
    glp_set_row_bnds(lp, i + 1, glpk_shim_bound_type(lower, upper), lower, upper);
  }
  call->session->lp = lp;
}

/* A program of `rows` rows (at least one) with their bounds, and no columns. */
static inline int glpk_session_make(glpk_session *session, int rows, const double *lower,
                                    const double *upper) {
  glpk_session_call call = {.session = session, .count = rows, .lower = lower, .upper = upper};
  session->lp = NULL;
  return glpk_session_run(glpk_session_make_body, &call);
}

static inline void glpk_session_add_body(void *info) {
  glpk_session_call *call = (glpk_session_call *)info;
  glp_prob *lp = call->session->lp;
  int first = glp_add_cols(lp, call->count);
  for (int j = 0; j < call->count; j++) {
    double lower = call->lower[j], upper = call->upper[j];
    int start = call->starts[j];
    glp_set_col_bnds(lp, first + j, glpk_shim_bound_type(lower, upper), lower, upper);
    glp_set_obj_coef(lp, first + j, call->costs[j]);
    glp_set_mat_col(lp, first + j, call->starts[j + 1] - start, call->rows + start, call->entries + start);
    glp_set_col_stat(lp, first + j, call->status[j]);
  }
}

/*
 * Adds columns. Column j has the entries starts[j] + 1 ... starts[j + 1]; element 0 of rows and entries is
 * unused, and rows count from 1. status says where each stands.
 */
static inline int glpk_session_add(glpk_session *session, int count, const double *lower,
                                   const double *upper, const double *costs, const int *starts,
                                   const int *rows, const double *entries, const unsigned char *status) {
  glpk_session_call call = {.session = session, .count = count, .lower = lower, .upper = upper,
                            .costs = costs, .starts = starts, .rows = rows, .entries = entries,
                            .status = status};
  if (session->lp == NULL) return GLPK_SHIM_ABORTED;
  return glpk_session_run(glpk_session_add_body, &call);
}

static inline void glpk_session_costs_body(void *info) {
  glpk_session_call *call = (glpk_session_call *)info;
  for (int j = 0; j < call->count; j++)
    glp_set_obj_coef(call->session->lp, call->indices[j] + 1, call->costs[j]);
}

/* Changes the costs of columns, which count from 0. */
static inline int glpk_session_set_costs(glpk_session *session, int count, const int *columns,
                                         const double *costs) {
  glpk_session_call call = {.session = session, .count = count, .indices = columns, .costs = costs};
  return glpk_session_run(glpk_session_costs_body, &call);
}

static inline void glpk_session_rows_body(void *info) {
  glpk_session_call *call = (glpk_session_call *)info;
  for (int i = 0; i < call->count; i++) {
    double lower = call->lower[i], upper = call->upper[i];
    glp_set_row_bnds(call->session->lp, i + 1, glpk_shim_bound_type(lower, upper), lower, upper);
  }
}

static inline void glpk_session_columns_body(void *info) {
  glpk_session_call *call = (glpk_session_call *)info;
  for (int j = 0; j < call->count; j++) {
    double lower = call->lower[j], upper = call->upper[j];
    glp_set_col_bnds(call->session->lp, call->indices[j] + 1, glpk_shim_bound_type(lower, upper), lower,
                     upper);
  }
}

/* Changes the bounds of columns, which count from 0. */
static inline int glpk_session_set_columns(glpk_session *session, int count, const int *columns,
                                           const double *lower, const double *upper) {
  glpk_session_call call = {.session = session, .count = count, .indices = columns, .lower = lower,
                            .upper = upper};
  if (session->lp == NULL) return GLPK_SHIM_ABORTED;
  return glpk_session_run(glpk_session_columns_body, &call);
}

/* Changes the bounds of the first `count` rows. */
static inline int glpk_session_set_rows(glpk_session *session, int count, const double *lower,
                                        const double *upper) {
  glpk_session_call call = {.session = session, .count = count, .lower = lower, .upper = upper};
  if (session->lp == NULL) return GLPK_SHIM_ABORTED;
  return glpk_session_run(glpk_session_rows_body, &call);
}

static inline void glpk_session_row_status_body(void *info) {
  glpk_session_call *call = (glpk_session_call *)info;
  for (int i = 0; i < call->count; i++) glp_set_row_stat(call->session->lp, i + 1, call->status[i]);
}

/* Sets the status of the first `count` rows in the basis to start from. */
static inline int glpk_session_set_row_status(glpk_session *session, int count, const unsigned char *status) {
  glpk_session_call call = {.session = session, .count = count, .status = status};
  return glpk_session_run(glpk_session_row_status_body, &call);
}

static inline void glpk_session_solve_body(void *info) {
  glpk_session_call *call = (glpk_session_call *)info;
  glp_prob *lp = call->session->lp;
  const glpk_session_settings *s = call->settings;
  glp_smcp options;
  glp_init_smcp(&options);
  options.msg_lev = GLP_MSG_OFF;
  options.meth = s->method;
  /* One dual step may pass many bounds of other columns, which all flip. */
  if (s->method != GLP_PRIMAL) options.r_test = GLP_RT_FLIP;
  options.tol_bnd = s->primal_tolerance;
  options.tol_dj = s->dual_tolerance;
  options.it_lim = s->iteration_limit;
  options.tm_lim = s->time_limit;
  if (s->scale) glp_scale_prob(lp, GLP_SF_GM | GLP_SF_EQ | GLP_SF_2N);
  if (s->fresh_basis) glp_std_basis(lp);
  call->code = glp_simplex(lp, &options);
  call->answer = glp_get_status(lp);
  int rows = glp_get_num_rows(lp), columns = glp_get_num_cols(lp);
  for (int i = 0; i < rows; i++) call->first[i] = glp_get_row_dual(lp, i + 1);
  for (int j = 0; j < columns; j++) call->second[j] = glp_get_col_prim(lp, j + 1);
}

/*
 * Solves. row_duals and values have one element per row and column. *code is what glp_simplex returned and
 * *status what glp_get_status did.
 */
static inline int glpk_session_solve(glpk_session *session, const glpk_session_settings *settings,
                                     double *row_duals, double *values, int *code, int *status) {
  glpk_session_call call = {.session = session, .settings = settings, .first = row_duals, .second = values};
  int result = glpk_session_run(glpk_session_solve_body, &call);
  *code = call.code;
  *status = call.answer;
  return result;
}

static inline void glpk_session_range_body(void *info) {
  glpk_session_call *call = (glpk_session_call *)info;
  glp_prob *lp = call->session->lp;
  call->code = glp_bf_exists(lp) || glp_factorize(lp) == 0;
  if (!call->code) return;
  for (int i = 0; i < call->count; i++) {
    call->first[i] = -INFINITY;
    call->second[i] = INFINITY;
    if (glp_get_row_stat(lp, i + 1) == GLP_BS) continue;
    double least, most;
    int leaving;
    glp_analyze_bound(lp, i + 1, &least, &leaving, &most, &leaving);
    if (least > -DBL_MAX) call->first[i] = least;
    if (most < DBL_MAX) call->second[i] = most;
  }
}

/*
 * After an optimal solve: between which right-hand sides of each of the first `count` rows the basis, and
 * with it every dual, stays optimal; -INFINITY and INFINITY for rows in the basis. *known is 0 if the basis
 * could not be factorized.
 */
static inline int glpk_session_ranges(glpk_session *session, int count, double *least, double *most,
                                      int *known) {
  glpk_session_call call = {.session = session, .count = count, .first = least, .second = most};
  int result = glpk_session_run(glpk_session_range_body, &call);
  *known = call.code;
  return result;
}

static inline void glpk_session_delete_body(void *info) {
  glpk_session_call *call = (glpk_session_call *)info;
  glp_delete_prob(call->session->lp);
  call->session->lp = NULL;
}

/* Deletes the program, if it is still there. */
static inline void glpk_session_delete(glpk_session *session) {
  glpk_session_call call = {.session = session};
  glpk_session_run(glpk_session_delete_body, &call);
}
