-- Workers: what they announce, and their slots.

-- Cards by their JSON, as the last call that asked has read them: a worker announces the same one again and
-- again, and to read it is the dearest step of an admission.
local known_cards = {}

local function read_card(json)
  local card = cjson.decode(json)
  card.serves = {}
  for _, kind in ipairs(card.kinds) do card.serves[kind] = true end
  return card
end

local function live_cards()
  local ids, cards, known = {}, {}, {}
  local workers = call('ZRANGE', K('workers'), 0, -1, 'WITHSCORES')
  for i = 1, #workers, 2 do
    if tonumber(workers[i + 1]) > NOW then ids[#ids + 1] = workers[i] end
  end
  for _, json in ipairs(#ids > 0 and call('HMGET', K('cards'), unpack(ids)) or {}) do
    if json then
      local card = known_cards[json] or read_card(json)
      card.claimed = call('SCARD', K('worker_tasks', card.worker_id))
      cards[#cards + 1], known[json] = card, card
    end
  end
  known_cards = known
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
