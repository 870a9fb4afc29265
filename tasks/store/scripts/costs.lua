-- What calls cost today, and an owner's on the last days. ARGV: owner, number of days.
-- Answer: JSON of {mine, all, days: [[day since 1970, US dollars], …]}
local terms, name, days = caps(), 'of:' .. ARGV[1], {}
local present = math.floor(NOW / 86400000)
for day = present, present - tonumber(ARGV[2]) + 1, -1 do
  local nanos = tonumber(call('HGET', K('spent', whole(day)), name)) or 0
  if nanos ~= 0 then days[#days + 1] = { day, nanos / 1e9 } end
end
return cjson.encode({ mine = cost_level(name, terms.owner_limit), all = cost_level('all', terms.limit), days = days })
