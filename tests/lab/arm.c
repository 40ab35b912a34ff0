/* Runs of the kernel on a processor without Python: arm TEMPLATE LAYOUT PARAMETERS RUNS, what they write to standard output.
   LAYOUT: 64-bit integers: arrays, run_words, words, years, measures, firms, decided, networks, triggers, then a count and a
   size of each array. See clusterpact.lab.world and clusterpact.sim.entries. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

extern int run_one(int64_t *back, void **raised, int64_t arguments);

static void *content(const char *path, long *size) {
  FILE *file = fopen(path, "rb");
  if (!file) exit(2);
  fseek(file, 0, SEEK_END);
  *size = ftell(file);
  rewind(file);
  void *bytes = malloc(*size);
  if (fread(bytes, 1, *size, file) != (size_t)*size) exit(2);
  fclose(file);
  return bytes;
}

static int64_t *table(char *memory, const int64_t *layout) {
  int64_t *made = malloc(16 * (layout[0] + 1)), place = (int64_t)memory;
  for (int64_t k = 0; k < layout[0]; k++) {
    made[2 * k] = place;
    made[2 * k + 1] = layout[9 + 2 * k];
    place += layout[9 + 2 * k] * layout[10 + 2 * k];
  }
  made[2 * layout[0]] = (int64_t)memory;
  made[2 * layout[0] + 1] = layout[1];
  return made;
}

int main(int count, char **words) {
  long size, ignored;
  char *template = content(words[1], &size), *state = malloc(size);
  memcpy(state, template, size);
  int64_t *l = content(words[2], &ignored);
  char *parameters = content(words[3], &ignored);
  int64_t width = l[2], years = l[3], measures = l[4], firms = l[5], decided = l[6], networks = l[7], triggers = l[8];
  int64_t *of_state = table(state, l), *of_template = table(template, l), back;
  size_t sizes[] = {8 * years * measures, 4 * years * firms, 6 * decided, 32 * networks};
  char *out[4], *starts = malloc(2 * triggers + 1);
  for (int k = 0; k < 4; k++) out[k] = malloc(sizes[k]);
  for (uint64_t number = 0; number < strtoull(words[4], 0, 10); number++) {
    void *raised;
    memset(out[0], 0, sizes[0]);
    int64_t arguments[] = {(int64_t)of_state, (int64_t)of_template, (int64_t)&number, (int64_t)(parameters + 8 * width * number),
                           (int64_t)out[0], (int64_t)out[1], (int64_t)out[2], (int64_t)out[3], (int64_t)&back, (int64_t)starts,
                           width, years, measures, firms, decided, networks, 0, triggers, 1};
    if (run_one(&back, &raised, (int64_t)arguments)) return 1;
    for (int k = 0; k < 4; k++) fwrite(out[k], 1, sizes[k], stdout);
  }
  return 0;
}
