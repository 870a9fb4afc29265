-- End a waiting or running task. ARGV: task_id. Answer: the true state, or false for an unknown task.
return cancel_task(ARGV[1]) or false
