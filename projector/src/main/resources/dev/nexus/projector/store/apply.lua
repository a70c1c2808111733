-- Applies a batch if the position is still the batch's base; all of it or nothing.
-- KEYS[1] position (live or shadow); KEYS[2] live position of a shadow that may take over; the
-- others: what is changed
-- ARGV generation, base, next, channel ('' for none), who, 1 to take over, writer, 1 when its last
-- batch must be the one that was applied last, imprint of its last record ('' when it has none),
-- then commands: name, index of key, count, arguments
local at = redis.call('HMGET', KEYS[1], 'generation', 'next', 'open', 'by')
if at[1] ~= ARGV[1] or at[2] ~= ARGV[2] or at[3] or (ARGV[8] == '1' and at[4] ~= ARGV[7]) then
  return 0
end
-- Left behind when a command below fails half-way: then the partition is folded again.
redis.call('HSET', KEYS[1], 'open', ARGV[3])

-- A sum beyond 64 bits stays at the limit: an error here would leave the batch half-written, and
-- every later attempt would fail at the same record.
local function increment(key, field, by)
  local answer = redis.pcall('HINCRBY', key, field, by)
  if type(answer) == 'table' and answer.err then
    if not string.find(answer.err, 'overflow', 1, true) then
      redis.call('HINCRBY', key, field, by)
    end
    local least = string.sub(by, 1, 1) == '-'
    redis.call('HSET', key, field, least and '-9223372036854775808' or '9223372036854775807')
  end
end

local function addAll(key, from, to)
  for i = from, to, 2 do
    increment(key, ARGV[i], ARGV[i + 1])
  end
end

-- Arguments: hash, field, by, member, position, kept; the key is the sorted set of members seen.
local function addOnce(seen, from)
  local hash = KEYS[tonumber(ARGV[from])]
  if redis.call('ZADD', seen, 'NX', ARGV[from + 4], ARGV[from + 3]) == 1 then
    increment(hash, ARGV[from + 1], ARGV[from + 2])
    local over = redis.call('ZCARD', seen) - tonumber(ARGV[from + 5])
    if over > 0 then
      redis.call('ZREMRANGEBYRANK', seen, 0, over - 1)
    end
  end
end

-- Lua's unpack takes fewer than 8,000 values.
local CHUNK = 4000

-- Arguments: a value for each key from KEYS[first] on.
local function setAll(first, from, to)
  for start = from, to, CHUNK / 2 do
    local values, n = {}, 0
    for j = start, math.min(to, start + CHUNK / 2 - 1) do
      values[n + 1] = KEYS[first + j - from]
      values[n + 2] = ARGV[j]
      n = n + 2
    end
    redis.call('MSET', unpack(values))
  end
end

local function collect(sets, set, member)
  local members = sets[set]
  if not members then
    members = {}
    sets[set] = members
  end
  members[#members + 1] = member
end

-- Arguments: kept, infix. All these names share the hash tag of KEYS[1]. A command for many costs
-- a fraction of many commands, so what goes is collected, a chunk at a time.
local function evictFinished(finished, from)
  local over = redis.call('LLEN', finished) - tonumber(ARGV[from])
  local infix = ARGV[from + 1]
  while over > 0 do
    local oldest = redis.call('LRANGE', finished, 0, math.min(over, CHUNK / 2) - 1)
    redis.call('LTRIM', finished, #oldest, -1)
    over = over - #oldest
    local views, gone, tenants, ids = {}, {}, {}, {}
    for n, execution in ipairs(oldest) do
      local slash = string.find(execution, '/', 1, true)
      tenants[n] = string.sub(execution, 1, slash - 1) .. infix
      ids[n] = string.sub(execution, slash + 1)
      views[n] = tenants[n] .. 'x/' .. ids[n]
      gone[2 * n - 1] = views[n]
      gone[2 * n] = tenants[n] .. 'f/' .. ids[n]
    end
    local sets = {}
    for n, view in ipairs(redis.call('MGET', unpack(views))) do
      view = view or ''
      local tenant, id = tenants[n], ids[n]
      local app = string.match(view, '\napp ([^\n]*)') or ''
      local component = string.match(view, '\ncomponent ([^\n]*)') or ''
      local status = string.match(view, '\nstatus ([^\n]*)') or ''
      collect(sets, tenant .. 'i', id)
      collect(sets, tenant .. 'i/c/' .. app .. '/' .. component, id)
      collect(sets, tenant .. 'i/s/' .. status, id)
    end
    for set, members in pairs(sets) do
      redis.call('ZREM', set, unpack(members))
    end
    redis.call('UNLINK', unpack(gone))
  end
end

local i = 10
while i <= #ARGV do
  local name, key, count =
      ARGV[i], KEYS[tonumber(ARGV[i + 1])], tonumber(ARGV[i + 2])
  local from, to = i + 3, i + 2 + count
  if name == 'ADD' then
    addAll(key, from, to)
  elseif name == 'ADDONCE' then
    addOnce(key, from)
  elseif name == 'MSET' then
    setAll(tonumber(ARGV[i + 1]), from, to)
  elseif name == 'EVICT' then
    evictFinished(key, from)
  else
    redis.call(name, key, unpack(ARGV, from, to))
  end
  i = to + 1
end

redis.call('HSET', KEYS[1], 'next', ARGV[3], 'by', ARGV[7])
if ARGV[9] ~= '' then
  redis.call('HSET', KEYS[1], 'last', ARGV[9])
end
redis.call('HDEL', KEYS[1], 'open')
local answer = 1
if ARGV[6] == '1' then
  -- Never backwards: what readers have seen stays visible.
  local live = redis.call('HGET', KEYS[2], 'next')
  if not live or tonumber(live) > tonumber(ARGV[3]) then
    return 1
  end
  local goal = redis.call('HGET', KEYS[2], 'goal')
  redis.call('RENAME', KEYS[1], KEYS[2])
  redis.call('HDEL', KEYS[2], 'lease')
  if goal then
    redis.call('HSET', KEYS[2], 'goal', goal)
  end
  answer = 2
end
if ARGV[4] ~= '' then
  redis.call('PUBLISH', ARGV[4], ARGV[5] .. ' ' .. ARGV[1] .. ' ' .. ARGV[3])
end
return answer
