#pragma once
#include <libpq-fe.h>

#ifndef LIBPQ_HAS_PIPELINING
#error "libpq 14 or newer is needed: statements are sent as a pipeline"
#endif
