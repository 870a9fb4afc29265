-- Enter a finding that a person made, unless one with its id is there.
-- ARGV: document_id, finding_id, finding as JSON. Answer: the finding that is there now, or false.
local key = K('document_findings', ARGV[1])
if call('EXISTS', K('document', ARGV[1])) == 0 then return false end
call('HSETNX', key, ARGV[2], ARGV[3])
call('PEXPIRE', key, LIMIT.retention_ms)
return call('HGET', key, ARGV[2])
