-- A worker process is up, until its card expires. What it says of money holds for submissions also while
-- no worker is up. ARGV: worker_id, card as JSON, ms.
local known = tonumber(call('ZSCORE', K('workers'), ARGV[1]) or 0)
call('ZADD', K('workers'), NOW + tonumber(ARGV[3]), ARGV[1])
call('HSET', K('cards'), ARGV[1], ARGV[2])

local account = account_of(live_cards())
call('DEL', K('caps'))
if account then
  local terms = account.terms or {}
  local price = type(terms.price) == 'table' and terms.price or {}
  call('HSET', K('caps'), 'model', account.model, 'input', price.input or '', 'output', price.output or '',
    'cache_write', price.cache_write or '', 'cache_read', price.cache_read or '',
    'least_cached_tokens', terms.least_cached_tokens or '',
    'daily_cost_limit_usd', account.daily_cost_limit_usd or '',
    'owner_daily_cost_limit_usd', account.owner_daily_cost_limit_usd or '')
end
if known <= NOW then wake() end
return 1
