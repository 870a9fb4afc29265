-- Replace a finding if it still has the version that the caller saw.
-- ARGV: document_id, finding_id, version seen, finding as JSON. Answer: 'ok', the present version, or false.
local key = K('document_findings', ARGV[1])
local present = call('HGET', key, ARGV[2])
if not present then return false end
local version = whole(cjson.decode(present).version)
if version ~= ARGV[3] then return version end
call('HSET', key, ARGV[2], ARGV[4])
return 'ok'
