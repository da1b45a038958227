// Holds the namespaces of a pod: waits for signals and reaps processes that were left behind.
// `pause -v` prints the version and ends: kubeadm's upgrade check runs it.
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef VERSION
#error VERSION is not defined
#endif

static void end(int signal_number) {
  (void)signal_number;
  _exit(0);
}

static void reap(int signal_number) {
  (void)signal_number;
  while (waitpid(-1, NULL, WNOHANG) > 0) {
  }
}

int main(int argc, char **argv) {
  if (argc > 1 && strcmp(argv[1], "-v") == 0) {
    puts("pause " VERSION);
    return 0;
  }
  struct sigaction on_end = {.sa_handler = end}, on_child = {.sa_handler = reap, .sa_flags = SA_NOCLDSTOP};
  if (sigaction(SIGINT, &on_end, NULL) < 0) return 1;
  if (sigaction(SIGTERM, &on_end, NULL) < 0) return 1;
  if (sigaction(SIGCHLD, &on_child, NULL) < 0) return 1;
  for (;;) pause();
}
