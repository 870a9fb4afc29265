-- A worker process takes no more. ARGV: worker_id.
call('ZREM', K('workers'), ARGV[1])
call('HDEL', K('cards'), ARGV[1])
return 1
