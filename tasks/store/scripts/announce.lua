-- A worker process is up, until its card expires. ARGV: worker_id, card as JSON, ms.
local known = tonumber(call('ZSCORE', K('workers'), ARGV[1]) or 0)
call('ZADD', K('workers'), NOW + tonumber(ARGV[3]), ARGV[1])
call('HSET', K('cards'), ARGV[1], ARGV[2])
if known <= NOW then wake() end
return 1
