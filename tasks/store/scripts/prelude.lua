-- What every script starts with: the clock, the generation, and the pieces that decisions share.
-- Before it stands KEY, the table of key templates from tasks/contract/names.py, and LIMIT, the
-- bounds of tasks/store/redis_scripts.py; a script is sent with the pieces that it uses.
-- tasks/store/admission.py says the same rules
-- in Python; the conformance suite holds the two together.
--
-- Each script is called with KEYS[1] = the generation key, which carries the cell's hash tag; all
-- other keys are built from ids and lie in the same slot.

local call = redis.call
local clock = call('TIME')
local NOW = clock[1] * 1000 + math.floor(clock[2] / 1000)
local EPOCH = call('HGET', KEYS[1], 'epoch')
local ADMISSION_ORDER = { 'chat', 'test', 'analysis' }

local function K(name, a, b)
  return string.format(KEY[name], a, b)
end

local function whole(number)
  return string.format('%.0f', number)
end

-- The last hour ---------------------------------------------------------------------------------

local minute_is_there = false

-- Add to a count of the present minute; see history.py.
local function count_up(field, by)
  local now = whole(math.floor(NOW / 60000))
  local minute = K('minute', now)
  local is_new = not minute_is_there and call('EXISTS', minute) == 0
  call('HINCRBYFLOAT', minute, field, tostring(by))
  if is_new then call('PEXPIRE', minute, LIMIT.history_ms) end
  minute_is_there = true
end

local function wait_step(waited_ms)
  if waited_ms < LIMIT.shortest_wait_ms then return 0 end
  return math.floor(math.log(waited_ms / LIMIT.shortest_wait_ms) / math.log(LIMIT.step_ratio)) + 1
end

-- Lines, and fairness between owners ------------------------------------------------------------

-- Where an owner begins who comes, or comes back: at what was served last, or at the least that anybody
-- who waits has consumed where that is below it, because owners get back what was estimated too high.
local function present_least()
  local least = tonumber(call('HGET', K('fairness'), 'virtual')) or 0
  for _, kind in ipairs(ADMISSION_ORDER) do
    least = math.min(least, tonumber(call('ZRANGE', K('owners', kind), 0, 0, 'WITHSCORES')[2]) or least)
  end
  return least
end

-- What an owner has consumed, in weighted tokens.
local function counter_of(owner)
  return tonumber(call('ZSCORE', K('counters'), owner)) or present_least()
end

local function score_of(kind, owner, counter)
  return counter + (tonumber(call('HGET', K('since', kind), owner)) or 0) * LIMIT.tie_break
end

-- The owner's place among others, in every kind in which it has a line.
local function set_counter(owner, counter)
  call('ZADD', K('counters'), counter, owner)
  for _, kind in ipairs(ADMISSION_ORDER) do
    if call('ZSCORE', K('owners', kind), owner) then
      call('ZADD', K('owners', kind), score_of(kind, owner, counter), owner)
    end
  end
end

-- What a call is expected to take: input and output tokens, and both as fairness weighs them. `model`
-- is '' for an engine without an account.
local function need_of(kind, chars, model)
  local f = call('HMGET', K('estimates', model), 'extra_input:' .. kind, 'output:' .. kind)
  local input = (tonumber(chars) or 0) * LIMIT.tokens_per_char + (tonumber(f[1]) or LIMIT['first_input_' .. kind])
  local output = tonumber(f[2]) or LIMIT['first_output_' .. kind]
  return input, output, input + LIMIT.output_weight * output
end

-- Learn from what one call really used; see Estimates in admission.py.
local function learn_need(kind, chars, model, input, output)
  local f = call('HMGET', K('estimates', model), 'extra_input:' .. kind, 'output:' .. kind)
  local extra = tonumber(f[1]) or LIMIT['first_input_' .. kind]
  local expected = tonumber(f[2]) or LIMIT['first_output_' .. kind]
  extra = extra + 0.2 * (math.max(0, input - (tonumber(chars) or 0) * LIMIT.tokens_per_char) - extra)
  local step = math.max(10, 0.1 * expected)
  expected = math.max(1, expected + (output > expected and 0.75 * step or -0.25 * step))
  call('HSET', K('estimates', model), 'extra_input:' .. kind, tostring(extra), 'output:' .. kind, tostring(expected))
end

-- Whether answers have lately become much slower than usual; see note_run in admission.py.
local function note_run(kind, model, ran, output)
  local f = call('HMGET', K('estimates', model), 'usual_ms:' .. kind, 'recent_ms:' .. kind)
  local took = ran / (output + LIMIT.first_byte_tokens)
  local usual, recent = tonumber(f[1]) or took, tonumber(f[2]) or took
  recent = recent + 0.2 * (took - recent)
  usual = usual + 0.02 * (took - usual)
  local slow = recent > LIMIT.slow * usual
  if slow then usual = recent end
  call('HSET', K('estimates', model), 'usual_ms:' .. kind, tostring(usual), 'recent_ms:' .. kind, tostring(recent))
  return slow
end

-- Add to the owner's line. An owner who had none begins at the present least, so that nobody saves up
-- turns by staying away.
local function stand_in_line(id, kind, owner)
  local f = call('HMGET', K('task', id), 'order', 'priority', 'asked_engine')
  local line = K('line', kind, owner)
  if f[3] then call('ZADD', K('unbilled', kind), f[1], id) end
  if call('EXISTS', line) == 0 then
    local counter = math.max(counter_of(owner), present_least())
    call('HSET', K('since', kind), owner, f[1])
    call('ZADD', K('owners', kind), score_of(kind, owner, counter), owner)
    set_counter(owner, counter)
  end
  call('ZADD', line, tonumber(f[1]) - tonumber(f[2] or 0) * 2 ^ 40, id)
  call('ZADD', K('waiting', kind), f[1], id)
end

local function leave_line(id, kind, owner)
  call('ZREM', K('waiting', kind), id)
  call('ZREM', K('unbilled', kind), id)
  call('ZREM', K('parked', kind), id)
  local line = K('line', kind, owner)
  if call('ZREM', line, id) == 1 and call('EXISTS', line) == 0 then
    call('ZREM', K('owners', kind), owner)
    call('HDEL', K('since', kind), owner)
  end
end

-- A place from 1; see place_in_line in admission.py. nil when it does not wait.
local function place_of(id, kind, owner)
  local own = call('ZRANK', K('line', kind, owner), id)
  if not own then return nil end
  local owners, rank = call('ZCARD', K('owners', kind)), call('ZRANK', K('owners', kind), owner)
  return math.min(call('ZCARD', K('waiting', kind)), own * owners + rank + 1)
end

-- Money, in billionths of a US dollar; see money.py ---------------------------------------------

local function spent_key()
  local today = whole(math.floor(NOW / 86400000))
  return K('spent', today)
end

local function hold_money(id, owner, nanos)
  if nanos == 0 then return end
  call('HINCRBY', K('task', id), 'held_nanos', whole(nanos))
  call('HINCRBY', K('held'), 'all', whole(nanos))
  if call('HINCRBY', K('held'), 'of:' .. owner, whole(nanos)) == 0 then call('HDEL', K('held'), 'of:' .. owner) end
end

-- What a task is known to have cost has grown: that much is spent today and no longer held.
local function spend_money(id, nanos)
  local f = call('HMGET', K('task', id), 'owner', 'held_nanos')
  for _, name in ipairs({ 'all', 'of:' .. f[1] }) do call('HINCRBY', spent_key(), name, whole(nanos)) end
  call('PEXPIRE', spent_key(), LIMIT.retention_ms)
  hold_money(id, f[1], -math.max(0, math.min(nanos, tonumber(f[2]) or 0)))
end

local function let_money_go(id, owner)
  hold_money(id, owner, -(tonumber(call('HGET', K('task', id), 'held_nanos')) or 0))
end

-- What was spent today and what is held under that name.
local function money_of(name)
  return tonumber(call('HGET', spent_key(), name)) or 0, tonumber(call('HGET', K('held'), name)) or 0
end

-- The limits of a day and the prices, as live workers announced them last; '' for what there is none of.
local function caps()
  local f = call('HMGET', K('caps'), 'model', 'input', 'output', 'cache_write', 'cache_read', 'least_cached_tokens',
    'daily_cost_limit_usd', 'owner_daily_cost_limit_usd')
  return {
    model = f[1] or '', input = tonumber(f[2]), output = tonumber(f[3]), cache_write = tonumber(f[4]),
    cache_read = tonumber(f[5]), least_cached_tokens = tonumber(f[6]), limit = tonumber(f[7]), owner_limit = tonumber(f[8]),
  }
end

local function cost_level(name, limit)
  local spent, held = money_of(name)
  return {
    spent_usd = spent / 1e9, held_usd = held / 1e9, limit_usd = limit,
    opens_at = (math.floor(NOW / 86400000) + 1) * 86400000,
  }
end

-- Events ---------------------------------------------------------------------------------------

local function end_task(id, kind, owner, state)
  leave_line(id, kind, owner)
  let_money_go(id, owner)
  if state == 'SUCCESS' then
    local f = call('HMGET', K('task', id), 'identity', 'model')
    if f[1] and f[2] then call('SET', K('known', owner, f[1]), id, 'PX', LIMIT.retention_ms) end
  end
  if state == 'FAILURE' then
    call('ZADD', K('dead'), NOW, id)
    count_up('failed', 1)
  end
  call('PEXPIRE', K('log', id), LIMIT.log_kept_ms)
  call('PEXPIRE', K('task', id), LIMIT.retention_ms)
  call('PEXPIRE', K('text', id), LIMIT.retention_ms)
  call('PEXPIRE', K('task_findings', id), LIMIT.retention_ms)
  call('PEXPIRE', K('input', id), LIMIT.retention_ms)
end

local function add_found(id, document, finding_id, finding)
  call('RPUSH', K('task_findings', id), finding)
  if document and call('EXISTS', K('document', document)) == 1 then
    call('HSETNX', K('document_findings', document), finding_id, finding)
    call('HSET', K('document_found_by', document), finding_id, id)
    call('PEXPIRE', K('document_findings', document), LIMIT.retention_ms)
    call('PEXPIRE', K('document_found_by', document), LIMIT.retention_ms)
  end
end

-- The one place where an event comes into being: number it, log it, fold it, publish it.
-- `set` is a flat list of snapshot fields, which may grow; `del` a list of fields to clear; `known`
-- the task's epoch and seq where the caller has read them.
local function append_event(id, type, data, set, del, known)
  local meta = K('task', id)
  known = known or call('HMGET', meta, 'epoch', 'seq')
  local seq = whole((tonumber(known[2]) or 0) + 1)
  local n = #set
  set[n + 1], set[n + 2] = 'seq', seq
  if known[1] ~= EPOCH then set[n + 3], set[n + 4], set[n + 5], set[n + 6] = 'epoch', EPOCH, 'epoch_from', seq end
  local event = '{"v":1,"task_id":"' .. id .. '","epoch":' .. EPOCH .. ',"seq":' .. seq .. ',"at":' .. whole(NOW)
    .. ',"type":"' .. type .. '","data":' .. data .. '}'
  call('XADD', K('log', id), 'MAXLEN', '~', LIMIT.log_bound, seq .. '-0', 'e', event)
  call('HSET', meta, unpack(set))
  if #del > 0 then call('HDEL', meta, unpack(del)) end
  local carried = #event <= LIMIT.doorbell_bytes and event or ''
  call('PUBLISH', K('task_channel', id), EPOCH .. ':' .. seq .. ':' .. carried)
  if type == 'task_succeeded' or type == 'task_failed' or type == 'task_cancelled' then
    local f = call('HMGET', meta, 'kind', 'owner', 'state')
    end_task(id, f[1], f[2], f[3])
  end
  return seq
end

local function ended(state)
  return state == 'SUCCESS' or state == 'FAILURE' or state == 'REVOKED'
end

local function json_string(value)
  return value and cjson.encode(value) or 'null'
end

local function queued_data(id, reason)
  local f = call('HMGET', K('task', id), 'kind', 'document_id', 'section_id', 'conversation_id')
  return '{"kind":' .. json_string(f[1]) .. ',"document_id":' .. json_string(f[2]) .. ',"section_id":' .. json_string(f[3])
    .. ',"conversation_id":' .. json_string(f[4]) .. ',"reason":"' .. reason .. '"}'
end

local function wake()
  call('PUBLISH', K('wake_channel'), '')
end

local function queue_again(id, reason)
  local f = call('HMGET', K('task', id), 'kind', 'owner')
  append_event(id, 'task_queued', queued_data(id, reason), { 'state', 'PENDING', 'reason', reason }, { 'retry_at', 'step' })
  stand_in_line(id, f[1], f[2])
  wake()
end

-- Budgets: token buckets -----------------------------------------------------------------------

local function load_bucket(name)
  local f = call('HMGET', K('budget', name), 'rate', 'level', 'at', 'closed_until', 'reason', 'probing', 'known',
    'failures', 'window', 'cut_at', 'taken', 'left', 'found', 'refused_at')
  return {
    name = name, is_there = f[1], rate = tonumber(f[1]) or 0, level = tonumber(f[2]), at = tonumber(f[3]) or 0,
    closed_until = tonumber(f[4]) or 0, reason = f[5] ~= '' and f[5] or nil, probing = f[6] == '1', known = f[7] == '1',
    failures = tonumber(f[8]) or 0, window = tonumber(f[9]), cut_at = tonumber(f[10]) or 0, taken = tonumber(f[11]) or 0,
    left = tonumber(f[12]), found = tonumber(f[13]), refused_at = tonumber(f[14]) or 0,
  }
end

local function save_bucket(b)
  call('HSET', K('budget', b.name), 'rate', tostring(b.rate), 'level', tostring(b.level), 'at', whole(b.at),
    'closed_until', whole(b.closed_until), 'reason', b.reason or '', 'probing', b.probing and '1' or '0',
    'known', b.known and '1' or '0', 'failures', whole(b.failures), 'window', tostring(b.window),
    'cut_at', whole(b.cut_at), 'taken', tostring(b.taken), 'left', tostring(b.left), 'found', tostring(b.found),
    'refused_at', whole(b.refused_at))
  if not b.is_there then call('SADD', K('budgets'), b.name) end
end

-- What is spent a minute: the rate, or less where 429s have taught that; 0: no limit.
local function pace_of(b)
  if not b.found then return b.rate end
  return b.rate > 0 and math.min(b.rate, b.found) or b.found
end

local function capacity(b)
  return math.max(1, pace_of(b) * LIMIT.burst_ms / 60000)
end

local function refill(b)
  local level = b.level and b.level + (NOW - b.at) * pace_of(b) / 60000 or capacity(b)
  b.taken = b.taken * math.exp(math.min(0, b.at - NOW) / 60000)
  b.level, b.at = math.min(capacity(b), level), NOW
  return b.level
end

-- What was saved up under the old rate stays; a bucket that had no limit so far starts full.
local function set_rate(b, rate)
  if pace_of(b) > 0 then refill(b) else b.level = nil end
  b.rate = rate
end

-- When that much may be taken; nil: now. What is more than a full bucket waits for a full one.
local function opens_at(b, need)
  if b.closed_until > NOW then return b.closed_until end
  local pace = pace_of(b)
  if pace <= 0 then return nil end
  local wanted = math.min(need or 1, capacity(b))
  local level = refill(b)
  if level >= wanted then return nil end
  return NOW + math.floor((wanted - level) * 60000 / pace) + 1
end

-- Spend. A large need takes the level below zero. Without a limit the level means nothing.
local function spend(b, amount)
  b.level = refill(b) - amount
  b.taken = b.taken + amount
  if b.is_there then  -- what else it holds stays as it is
    call('HSET', K('budget', b.name), 'rate', tostring(b.rate), 'level', tostring(b.level), 'at', whole(b.at),
      'taken', tostring(b.taken))
  else
    save_bucket(b)
  end
  if b.rate > 0 then count_up('share:' .. b.name, amount / b.rate) end
end

-- Likewise, of what only a limit makes worth counting.
local function take(b, amount)
  if b.rate > 0 then spend(b, amount or 1) end
end

local function give_back(name, amount)
  local b = load_bucket(name)
  if pace_of(b) <= 0 then return end
  b.level = math.min(capacity(b), refill(b) + (amount or 1))
  save_bucket(b)
  if b.rate > 0 then count_up('share:' .. name, -(amount or 1) / b.rate) end
end

-- Adopt what an answer's headers said, and stay a little behind.
local function believe(b, limit, remaining, least)
  if limit ~= '' then set_rate(b, tonumber(limit)) end
  if remaining ~= '' then
    b.level = math.min(refill(b), tonumber(remaining) - math.max(least, b.rate * LIMIT.behind_ms / 60000))
  end
end

-- A 429 came. Where the headers say that something is used up they explain it; otherwise less may be
-- had than is believed.
local function ease(b)
  if b.left and b.left <= LIMIT.spent then return end
  refill(b)
  local pace = pace_of(b)
  if pace <= 0 and b.taken < LIMIT.telling then return end
  b.found, b.refused_at = math.max(1, LIMIT.eased * (pace > 0 and pace or b.taken)), NOW
end

-- Let fewer run at a time, once for all that fails together.
local function cut_window(b, in_flight)
  if not b.window or NOW - b.cut_at >= LIMIT.cut_every_ms then
    b.window, b.cut_at = math.max(1, math.floor(LIMIT.cut * in_flight)), NOW
  end
end

-- A call succeeded: what was lowered rises, unless the answer came slowly; then fewer run at a time.
local function note_success(b, in_flight, slow)
  b.probing, b.known, b.reason, b.failures = false, true, nil, 0
  if slow then
    cut_window(b, in_flight)
  elseif b.window then
    b.window = b.window + LIMIT.widens
    if b.window > 2 * in_flight + 2 then b.window = nil end
  end
  if b.found then
    b.found = b.found + LIMIT.raised * math.max(1, (NOW - b.refused_at) / 60000)
    if b.rate > 0 and b.rate <= b.found then b.found = nil end
  end
end

-- Workers and slots ----------------------------------------------------------------------------

local function live_cards()
  local ids = call('ZRANGEBYSCORE', K('workers'), '(' .. whole(NOW), '+inf')
  local cards = {}
  if #ids == 0 then return cards end
  for i, json in ipairs(call('HMGET', K('cards'), unpack(ids))) do
    if json then
      local card = cjson.decode(json)
      card.claimed = call('SCARD', K('worker_tasks', card.worker_id))
      card.serves = {}
      for _, kind in ipairs(card.kinds) do card.serves[kind] = true end
      cards[#cards + 1] = card
    end
  end
  return cards
end

local function account_of(cards)
  local account
  for _, card in ipairs(cards) do
    if type(card.model) == 'string' then
      account = account or {
        model = card.model, terms = card.terms and card.terms[1] or { model = card.model },
        models = card.terms and #card.terms > 0 and card.terms or { { model = card.model } },
        max_output = card.max_output or {}, rpm = 0, input_tpm = 0, output_tpm = 0, concurrency = 0,
      }
      for _, name in ipairs({ 'daily_cost_limit_usd', 'owner_daily_cost_limit_usd' }) do
        local limit = card[name]
        if type(limit) == 'number' and not (account[name] and account[name] <= limit) then account[name] = limit end
      end
      for _, name in ipairs({ 'rpm', 'input_tpm', 'output_tpm', 'concurrency' }) do
        if card[name] > 0 and (account[name] == 0 or card[name] < account[name]) then account[name] = card[name] end
      end
    end
  end
  return account
end

local function limit_of(kind, cards)
  local limit = 0
  for _, card in ipairs(cards) do
    local mine = card.limits[kind]
    if mine and (limit == 0 or mine < limit) then limit = mine end
  end
  return limit
end

local function kind_bucket(kind, cards)
  local b, rate = load_bucket('kind:' .. kind), limit_of(kind, cards)
  if b.rate ~= rate then set_rate(b, rate) end
  return b
end

-- The account's three buckets. A configured limit is a belief to begin with; what an answer's
-- headers say replaces it.
local function account_buckets(account)
  local found = {}
  for what, configured in pairs({ requests = account.rpm, input = account.input_tpm, output = account.output_tpm }) do
    found[what] = load_bucket(what .. ':' .. account.model)
  end
  local known = found.requests.known
  for what, configured in pairs({ requests = account.rpm, input = account.input_tpm, output = account.output_tpm }) do
    if configured > 0 and found[what].rate ~= configured and not known then set_rate(found[what], configured) end
  end
  return found
end

-- Whether a call that needs that much may start now, and if not, when the clock alone could change that.
local function call_opens(account, buckets, input, output)
  if not account then return true, nil end
  local at
  for what, need in pairs({ requests = 1, input = input, output = output }) do
    local opens = opens_at(buckets[what], need)
    if opens and (not at or opens > at) then at = opens end
  end
  if at then return false, at end
  local requests, in_flight, at_all = buckets.requests, call('SCARD', K('calls', account.model)), 0
  for _, terms in ipairs(account.models) do at_all = at_all + call('SCARD', K('calls', terms.model)) end
  if requests.probing or not (requests.known or account.rpm > 0) then
    if in_flight >= 1 then return false, nil end
  end
  if account.concurrency > 0 and at_all >= account.concurrency then return false, nil end
  if requests.window and in_flight >= math.floor(requests.window) then return false, nil end
  return true, nil
end

-- The account as it is called with one of its models. What is configured is believed of the main one only.
local function account_with(account, terms)
  if terms.model == account.model then return account end
  return {
    model = terms.model, terms = terms, models = account.models, max_output = account.max_output,
    rpm = 0, input_tpm = 0, output_tpm = 0, concurrency = account.concurrency,
  }
end

-- Whether the breaker of a model is open: it is closed for more than a 429, or one call asks whether it is back.
local function is_away(model, requests)
  if requests.closed_until > NOW and requests.reason and requests.reason ~= 'rate_limited' then return true end
  return requests.probing and call('SCARD', K('calls', model)) > 0
end

-- Reviews and questions begin differently, so a document stands in the cache for each of them.
local function warmth_key(kind, document, model)
  local shared = kind .. '.' .. document
  return K('warmth', shared, model)
end

-- Whether a document stands in the model's cache: 'warm', 'warming' with when that is given up, 'cold', or
-- 'never' where there is nothing to share or too little to be cached. Only reviews come in numbers and wait
-- for each other; who talks does not.
local function warmth_of(kind, document, shared, terms)
  if not document or shared < (terms.least_cached_tokens or 1024) then return 'never' end
  local key = warmth_key(kind, document, terms.model)
  local writer = call('GET', key)
  if writer == '' then return 'warm' end
  if not writer or kind ~= 'analysis' then return 'cold' end
  return 'warming', NOW + call('PTTL', key)
end

local function earlier(a, b)
  return a and b and math.min(a, b) or a or b
end

-- Where a task's call may go now, and what it takes; nil, when the clock could change that, and why not:
-- 'budget', 'engine', or 'warming' when another call writes its document to the cache.
-- Only while a model is away may a call go to the next one.
local function choose_call(account, kind, chars, shared_chars, document)
  local later, why, shared = nil, 'engine', (tonumber(shared_chars) or 0) * LIMIT.tokens_per_char
  for index, terms in ipairs(account.models) do
    local at = account_with(account, terms)
    local buckets = account_buckets(at)
    local opens
    if is_away(at.model, buckets.requests) then
      opens = buckets.requests.closed_until > NOW and buckets.requests.closed_until or nil
    else
      local warmth, given_up = warmth_of(kind, document, shared, terms)
      if warmth == 'warming' then return nil, given_up, 'warming' end
      local input, output = need_of(kind, chars, at.model)
      local counted = (warmth ~= 'warm' or terms.cached_input_counts) and shared or 0
      if terms.max_tokens_counts then output = math.max(output, at.max_output[kind] or 0) end
      local is_open
      is_open, opens = call_opens(at, buckets, input + counted, output)
      if is_open then
        return { account = at, buckets = buckets, input = input + counted, output = output, shared = counted, warms = warmth == 'cold' }
      end
      why = 'budget'
      if index == 1 then return nil, opens, why end
    end
    later = earlier(later, opens)
  end
  return nil, later, why
end

local function slots_of(kind, cards)
  local slots = 0
  for _, card in ipairs(cards) do
    if card.serves[kind] then slots = slots + card.slots end
  end
  return slots
end

-- Slots that a task of this kind may take now. What is reserved may land on any worker that serves
-- its kind, so it is taken off wherever it could land.
local function free_slots(kind, cards)
  local free, shared, neighbours = 0, 0, {}
  for _, card in ipairs(cards) do
    if card.serves[kind] then
      free = free + card.slots - card.claimed
      if card.serves.chat or card.serves.test then shared = shared + card.slots end
      for other in pairs(card.serves) do neighbours[other] = true end
    end
  end
  for other in pairs(neighbours) do free = free - call('ZCARD', K('reserved', other)) end
  if kind == 'analysis' and shared > 1 then free = free - math.max(1, math.floor(shared / 10)) end
  return free
end

-- Leases ---------------------------------------------------------------------------------------

local function free_call(id)
  local meta = K('task', id)
  local f = call('HMGET', meta, 'call_model', 'document_id', 'warms', 'kind')
  if f[1] then
    call('SREM', K('calls', f[1]), id)
    call('HDEL', meta, 'call_model', 'warms')
  end
  -- it ended before its document was in the cache: another one has to write it
  if f[3] and call('GET', warmth_key(f[4], f[2], f[1])) == id then call('DEL', warmth_key(f[4], f[2], f[1])) end
end

-- A call has begun to answer, so its document stands in the model's cache: the others may follow.
local function note_cached(id)
  local f = call('HMGET', K('task', id), 'call_model', 'document_id', 'warms', 'kind')
  if not f[1] or not f[2] then return end
  local key = warmth_key(f[4], f[2], f[1])
  local writer = call('GET', key)
  if writer == '' or writer == id or (f[3] and not writer) then call('SET', key, '', 'PX', LIMIT.cache_ms) end
  if writer == id then wake() end
end

-- The owner and the budgets have paid the estimate at admission, and pay what it really was at the end.
local function settle(id, input, output)
  local f = call('HMGET', K('task', id), 'held_input', 'held_output', 'owner', 'call_model')
  if not f[1] then return end
  local held_input, held_output = tonumber(f[1]), tonumber(f[2])
  call('HDEL', K('task', id), 'held_input', 'held_output')
  set_counter(f[3], counter_of(f[3]) + input - held_input + LIMIT.output_weight * (output - held_output))
  if f[4] then
    give_back('input:' .. f[4], held_input - input)
    give_back('output:' .. f[4], held_output - output)
  end
end

-- Undo an admission that no worker has begun: nothing was spent.
local function refund(id, kind)
  settle(id, 0, 0)
  call('ZREM', K('reserved', kind), id)
  give_back('kind:' .. kind)
  local model = call('HGET', K('task', id), 'call_model')
  if model then give_back('requests:' .. model) end
  free_call(id)
end

local function drop_lease(id, kind, worker)
  call('ZREM', K('claimed', kind), id)
  if worker then
    call('SREM', K('worker_tasks', worker), id)
    if call('EXISTS', K('worker_tasks', worker)) == 0 then call('DEL', K('worker_crowd', worker)) end
  end
  call('HDEL', K('task', id), 'token', 'worker')
  free_call(id)
end

-- Give the slot and the call back, and remember how long such a run takes.
local function set_free(id)
  local f = call('HMGET', K('task', id), 'kind', 'worker', 'state', 'claimed_at')
  if f[3] == 'SUCCESS' and f[4] then
    local ran = NOW - tonumber(f[4])
    local pace = tonumber(call('HGET', K('pace'), f[1])) or ran
    call('HSET', K('pace'), f[1], whole(0.8 * pace + 0.2 * ran))
  end
  drop_lease(id, f[1], f[2])
  wake()
end

-- Why a worker's write is not taken, or nil. An expired lease is no reason; only a raised attempt is.
-- What is compared is the number of the attempt, or the token of its claim, which no restore gives out again.
local function refusal_of(state, present, own)
  if not state then return 'gone' end
  if ended(state) then return 'ended' end
  if present ~= own then return 'stale' end
  return nil
end

local function refusal(id, attempt)
  local f = call('HMGET', K('task', id), 'state', 'attempt')
  return refusal_of(f[1], f[2], attempt)
end

local function holds(id, attempt, token)
  return not refusal(id, attempt) and call('HGET', K('task', id), 'token') == token
end

local function cancel_task(id)
  local f = call('HMGET', K('task', id), 'state', 'kind')
  if not f[1] then return nil end
  if ended(f[1]) then return f[1] end
  if call('ZSCORE', K('reserved', f[2]), id) then refund(id, f[2]) end
  append_event(id, 'task_cancelled', '{}', { 'state', 'REVOKED', 'ended_at', whole(NOW) }, {})
  call('PUBLISH', K('control_channel'), 'cancel ' .. id)
  wake()
  return 'REVOKED'
end
