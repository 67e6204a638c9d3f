#pragma once
#include <stddef.h>

/* The price files of the package as they are, so that an installed program has them wherever it runs. */

typedef struct {
  const char *name; /* such as openai.json */
  const unsigned char *bytes;
  size_t length;
} catalog_file;

extern const catalog_file *const catalog_files_start;
extern const size_t catalog_file_count;

/* The profiles that everybody starts with. */
extern const catalog_file catalog_starting_profiles;
