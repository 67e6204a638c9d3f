#pragma once
#include <float.h>
#include <glpk.h>
#include <math.h>
#include <setjmp.h>
#include <string.h>

/*
 * GLPK answers a wrong argument, a failed assertion or exhausted memory by abort(). Each function below that
 * calls it does so as a whole in one guarded call: the error hook jumps back here, so that no frame of
 * another language is jumped over, and GLPK's environment, which is then unusable, is freed. The environment
 * belongs to the thread: objects of GLPK that the caller made on the same thread outside of these functions
 * are lost with it.
 */

enum { GLPK_SHIM_MESSAGE = 160 };

/* Returned instead of one of GLPK's codes, all of which are positive, when GLPK gave up. */
enum { GLPK_SHIM_ABORTED = -1 };

typedef struct {
  jmp_buf back;
  char *message; /* GLPK_SHIM_MESSAGE bytes: the last line GLPK meant to print */
} glpk_shim_guard;

static inline void glpk_shim_leave(void *info) {
  longjmp(((glpk_shim_guard *)info)->back, 1);
}

/* Keeps what GLPK means to print, and prints nothing. */
static inline int glpk_shim_listen(void *info, const char *text) {
  char *message = ((glpk_shim_guard *)info)->message;
  if (text[0] != '\0' && text[0] != '\n') {
    size_t length = strcspn(text, "\n");
    if (length > GLPK_SHIM_MESSAGE - 1) length = GLPK_SHIM_MESSAGE - 1;
    memcpy(message, text, length);
    message[length] = '\0';
  }
  return 1;
}

/*
 * Runs body(context); returns 0, or GLPK_SHIM_ABORTED if GLPK gave up. Nothing local is changed after
 * setjmp, so that nothing needs to be volatile; and what calls setjmp is never inlined into another function.
 */
static inline int glpk_shim_run(void (*body)(void *), void *context, char *message) {
  glpk_shim_guard guard;
  guard.message = message;
  int terminal = glp_term_out(GLP_OFF);
  glp_term_hook(glpk_shim_listen, &guard);
  glp_error_hook(glpk_shim_leave, &guard);
  int aborted = setjmp(guard.back);
  if (aborted == 0) {
    body(context);
  } else {
    glp_free_env();
  }
  glp_error_hook(NULL, NULL);
  glp_term_hook(NULL, NULL);
  glp_term_out(terminal);
  return aborted == 0 ? 0 : GLPK_SHIM_ABORTED;
}

typedef struct {
  int rows;             /* m */
  int columns;          /* n */
  int maximize;         /* 0 or 1 */
  int has_integers;     /* whether to go on to the integer program */
  int has_basis;        /* whether the status arrays hold a basis to start from */
  int method;           /* GLP_PRIMAL, GLP_DUAL or GLP_DUALP */
  int presolve;         /* GLP_ON or GLP_OFF; for the linear program */
  int iteration_limit;  /* of the linear program */
  int time_limit;       /* milliseconds, in all */
  double primal_tolerance;
  double dual_tolerance;
  double integer_tolerance;
  double mip_gap;       /* relative */
  int (*should_stop)(void); /* asked between the nodes of the integer search; may be null */
} glpk_shim_settings;

typedef struct {
  int code;             /* what glp_simplex returned, or GLPK_SHIM_ABORTED */
  int status;           /* glp_get_status */
  int primal_status;    /* glp_get_prim_stat */
  int mip_code;         /* what glp_intopt returned */
  int mip_status;       /* glp_mip_status; GLP_UNDEF if it was not reached */
  int iterations;
  double mip_bound;     /* NAN if none is known */
  double seconds;
  char message[GLPK_SHIM_MESSAGE];
} glpk_shim_result;

typedef struct {
  const glpk_shim_settings *settings;
  const double *row_lower, *row_upper, *column_lower, *column_upper, *costs;
  const unsigned char *is_integer;
  const int *starts, *entry_rows;
  const double *entry_values;
  double *values, *row_duals;
  unsigned char *row_status, *column_status;
  glpk_shim_result *result;
  double bound; /* of the integer search, in scaled costs */
} glpk_shim_call;

static inline int glpk_shim_bound_type(double lower, double upper) {
  if (lower == -INFINITY) return upper == INFINITY ? GLP_FR : GLP_UP;
  if (upper == INFINITY) return GLP_LO;
  return lower == upper ? GLP_FX : GLP_DB;
}

static inline void glpk_shim_watch(glp_tree *tree, void *info) {
  glpk_shim_call *call = (glpk_shim_call *)info;
  int best = glp_ios_best_node(tree);
  if (best != 0) call->bound = glp_ios_node_bound(tree, best);
  if (call->settings->should_stop != NULL && call->settings->should_stop()) glp_ios_terminate(tree);
}

static inline void glpk_shim_build(const glpk_shim_call *call, glp_prob *lp) {
  const glpk_shim_settings *s = call->settings;
  glp_set_obj_dir(lp, s->maximize ? GLP_MAX : GLP_MIN);
  if (s->rows > 0) glp_add_rows(lp, s->rows);
  if (s->columns > 0) glp_add_cols(lp, s->columns);
  for (int i = 0; i < s->rows; i++) {
    double lower = call->row_lower[i], upper = call->row_upper[i];
    glp_set_row_bnds(lp, i + 1, glpk_shim_bound_type(lower, upper), lower, upper);
  }
  for (int j = 0; j < s->columns; j++) {
    double lower = call->column_lower[j], upper = call->column_upper[j];
    int start = call->starts[j];
    glp_set_col_bnds(lp, j + 1, glpk_shim_bound_type(lower, upper), lower, upper);
    int length = call->starts[j + 1] - start;
    glp_set_mat_col(lp, j + 1, length, call->entry_rows + start, call->entry_values + start);
    if (s->has_integers && call->is_integer[j]) glp_set_col_kind(lp, j + 1, GLP_IV);
  }
}

/*
 * Sets the objective times a power of two, which is returned. Beyond 1,000 GLPK divides the objective itself,
 * so that small costs fall under its tolerance; far below 1, costs are near the tolerance from the start.
 * Costs of ordinary size stay as they are, because a bound on integral costs can be rounded.
 */
static inline double glpk_shim_set_costs(const glpk_shim_call *call, glp_prob *lp) {
  double most = 0, total = 0, scale = 1;
  int count = 0, exponent;
  for (int j = 0; j < call->settings->columns; j++) {
    double cost = fabs(call->costs[j] * glp_get_sjj(lp, j + 1));
    if (cost == 0) continue;
    if (cost > most) most = cost;
    total += cost;
    count++;
  }
  if (count > 0 && (most > 1000 || total / count < 0.1)) {
    scale = fmin(count / total, 1000 / most);
    frexp(scale, &exponent);
    scale = ldexp(1, exponent - 1);
  }
  for (int j = 0; j < call->settings->columns; j++) glp_set_obj_coef(lp, j + 1, call->costs[j] * scale);
  return scale;
}

static inline void glpk_shim_start(const glpk_shim_call *call, glp_prob *lp) {
  const glpk_shim_settings *s = call->settings;
  if (s->rows == 0 || s->columns == 0) return;
  if (s->has_basis) {
    for (int i = 0; i < s->rows; i++) glp_set_row_stat(lp, i + 1, call->row_status[i]);
    for (int j = 0; j < s->columns; j++) glp_set_col_stat(lp, j + 1, call->column_status[j]);
    if (glp_factorize(lp) == 0) return;
  }
  if (s->method == GLP_PRIMAL) {
    glp_adv_basis(lp, 0);
  } else {
    glp_std_basis(lp);
  }
}

static inline void glpk_shim_search(glpk_shim_call *call, glp_prob *lp, double seconds_used) {
  const glpk_shim_settings *s = call->settings;
  glp_iocp options;
  glp_init_iocp(&options);
  options.msg_lev = GLP_MSG_OFF;
  options.tol_int = s->integer_tolerance;
  options.mip_gap = s->mip_gap;
  options.tm_lim = (int)fmax(0, s->time_limit - 1000 * seconds_used);
  options.cb_func = glpk_shim_watch;
  options.cb_info = call;
  call->result->mip_code = glp_intopt(lp, &options);
  call->result->mip_status = glp_mip_status(lp);
}

static inline void glpk_shim_body(void *info) {
  glpk_shim_call *call = (glpk_shim_call *)info;
  const glpk_shim_settings *s = call->settings;
  glpk_shim_result *result = call->result;
  double start = glp_time();
  glp_prob *lp = glp_create_prob();
  glpk_shim_build(call, lp);
  if (s->rows > 0 && s->columns > 0) glp_scale_prob(lp, GLP_SF_GM | GLP_SF_EQ | GLP_SF_2N | GLP_SF_SKIP);
  double cost_scale = glpk_shim_set_costs(call, lp);
  glpk_shim_start(call, lp);

  glp_smcp options;
  glp_init_smcp(&options);
  options.msg_lev = GLP_MSG_OFF;
  options.meth = s->method;
  options.presolve = s->presolve;
  options.tol_bnd = s->primal_tolerance;
  options.tol_dj = s->dual_tolerance;
  options.it_lim = s->iteration_limit;
  options.tm_lim = (int)fmax(0, s->time_limit - 1000 * glp_difftime(glp_time(), start));
  result->code = glp_simplex(lp, &options);
  result->status = glp_get_status(lp);
  result->primal_status = glp_get_prim_stat(lp);
  result->iterations = glp_get_it_cnt(lp);
  for (int i = 0; i < s->rows; i++) {
    call->row_duals[i] = glp_get_row_dual(lp, i + 1) / cost_scale;
    call->row_status[i] = (unsigned char)glp_get_row_stat(lp, i + 1);
  }
  for (int j = 0; j < s->columns; j++) {
    call->values[j] = glp_get_col_prim(lp, j + 1);
    call->column_status[j] = (unsigned char)glp_get_col_stat(lp, j + 1);
  }
  if (s->has_integers && result->code == 0 && result->status == GLP_OPT) {
    call->bound = NAN;
    glpk_shim_search(call, lp, glp_difftime(glp_time(), start));
    result->mip_bound = call->bound / cost_scale;
    for (int j = 0; j < s->columns; j++) call->values[j] = glp_mip_col_val(lp, j + 1);
  }
  glp_delete_prob(lp);
  result->seconds = glp_difftime(glp_time(), start);
}

/*
 * Builds, solves, reads out and deletes one problem. With m rows, n columns and k entries, the arrays are
 *   row_lower, row_upper         m; -INFINITY and INFINITY for none
 *   column_lower, column_upper   n; likewise
 *   costs, is_integer            n
 *   starts                       n + 1; column j has the entries starts[j] + 1 ... starts[j + 1]
 *   entry_rows, entry_values     k + 1; element 0 is unused; rows count from 1
 *   row_status, column_status    m and n; GLP_BS and so on: the start if there is one, then the final basis
 *   values, row_duals            n and m; filled in
 */
static inline void glpk_shim_solve(
    const glpk_shim_settings *settings, const double *row_lower, const double *row_upper,
    const double *column_lower, const double *column_upper, const double *costs,
    const unsigned char *is_integer, const int *starts, const int *entry_rows, const double *entry_values,
    unsigned char *row_status, unsigned char *column_status, double *values, double *row_duals,
    glpk_shim_result *result) {
  memset(result, 0, sizeof *result);
  result->status = GLP_UNDEF;
  result->primal_status = GLP_UNDEF;
  result->mip_status = GLP_UNDEF;
  result->mip_bound = NAN;
  glpk_shim_call call = {settings,   row_lower, row_upper,    column_lower, column_upper, costs,
                         is_integer, starts,    entry_rows,   entry_values, values,       row_duals,
                         row_status, column_status, result,   NAN};
  if (glpk_shim_run(glpk_shim_body, &call, result->message) != 0) result->code = GLPK_SHIM_ABORTED;
}

typedef struct {
  const char *path;
  int status;
  double objective;
} glpk_shim_file;

static inline void glpk_shim_file_body(void *info) {
  glpk_shim_file *file = (glpk_shim_file *)info;
  glp_prob *lp = glp_create_prob();
  if (glp_read_lp(lp, NULL, file->path) == 0 && glp_simplex(lp, NULL) == 0) {
    file->status = glp_get_status(lp);
    file->objective = glp_get_obj_val(lp);
    if (file->status == GLP_OPT && glp_get_num_int(lp) > 0 && glp_intopt(lp, NULL) == 0) {
      file->status = glp_mip_status(lp);
      file->objective = glp_mip_obj_val(lp);
    }
  }
  glp_delete_prob(lp);
}

/*
 * Reads a file in CPLEX LP format and solves it. Returns its final status, GLP_UNDEF if it could not be read
 * or solved; the last line GLPK meant to print is left in message (GLPK_SHIM_MESSAGE bytes).
 */
static inline int glpk_shim_solve_file(const char *path, double *objective, char *message) {
  glpk_shim_file file = {path, GLP_UNDEF, NAN};
  message[0] = '\0';
  if (glpk_shim_run(glpk_shim_file_body, &file, message) != 0) return GLP_UNDEF;
  *objective = file.objective;
  return file.status;
}
