-- Admit no call of a model for a while. ARGV: model, ms, reason.
local b = load_bucket('requests:' .. ARGV[1])
local till = NOW + tonumber(ARGV[2])
if ARGV[3] ~= 'rate_limited' then
  b.probing = true
elseif b.closed_until <= NOW then
  ease(b)
end
refill(b)
if till > b.closed_until then
  b.closed_until, b.reason = till, ARGV[3]
  -- what is closed saves nothing up: a burst would be refused again
  b.level = math.min(b.level, 1 - (till - NOW) * pace_of(b) / 60000)
end
save_buckets({ b })
return 1
