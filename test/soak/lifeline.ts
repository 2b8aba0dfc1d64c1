/** Loaded before the program with `--import`: it ends when the harness that started it is gone, however that ended. */
const harness = process.ppid

setInterval(() => {
  if (process.ppid !== harness) process.kill(process.pid, 'SIGKILL')
}, 1_000).unref()
