-- Take a finding away if it still has the version that the caller saw.
-- ARGV: document_id, finding_id, version seen or ''. Answer: 'ok', the present version, or false.
local key = K('document_findings', ARGV[1])
local present = call('HGET', key, ARGV[2])
if not present then return false end
local version = whole(cjson.decode(present).version)
if ARGV[3] ~= '' and version ~= ARGV[3] then return version end
call('HDEL', key, ARGV[2])
call('HDEL', K('document_found_by', ARGV[1]), ARGV[2])
return 'ok'
