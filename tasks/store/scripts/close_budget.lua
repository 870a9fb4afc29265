-- Admit no call of a model for a while. ARGV: model, ms, reason.
local b = load_bucket('requests:' .. ARGV[1])
local till = NOW + tonumber(ARGV[2])
if till > b.closed_until then
  b.closed_until, b.reason = till, ARGV[3]
end
b.probing = b.probing or ARGV[3] ~= 'rate_limited'
refill(b)
save_bucket(b)
return 1
