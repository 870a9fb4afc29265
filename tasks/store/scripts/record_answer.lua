-- Keep the body that a successful request was answered with. The first one stays.
-- ARGV: owner, idempotency key, digest, answer. Answer: 'ok' or 'mismatch'
local answered = K('idempotency', ARGV[1], ARGV[2])
local known = call('HMGET', answered, 'digest', 'answer')
if known[1] and known[1] ~= ARGV[3] then return 'mismatch' end
if known[2] then return 'ok' end
call('HSET', answered, 'digest', ARGV[3], 'answer', ARGV[4])
if not known[1] then call('PEXPIRE', answered, LIMIT.idempotency_ms) end
return 'ok'
