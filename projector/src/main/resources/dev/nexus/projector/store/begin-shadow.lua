-- Begins a shadow beside the live generation of a partition, unless there is one or the live one is
-- not what the caller knows.
-- KEYS[1] position, KEYS[2] shadow; ARGV as in begin.lua, and the number of the lease
local live = redis.call('HGET', KEYS[1], 'generation')
if live ~= ARGV[1] or live >= ARGV[4] or redis.call('EXISTS', KEYS[2]) == 1 then
  return 0
end
redis.call('HSET', KEYS[2], 'log', ARGV[2], 'layout', ARGV[3], 'generation', ARGV[4],
    'from', ARGV[8], 'next', ARGV[5], 'form', ARGV[10], 'lease', ARGV[11])
return 1
