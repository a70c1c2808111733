-- Begins a new generation of a partition unless somebody else did.
-- KEYS[1] position; ARGV generation as the caller knows it ('' for none), log, layout, new
-- generation, next, channel, who
local known = redis.call('HGET', KEYS[1], 'generation') or ''
if known ~= ARGV[1] then
  return 0
end
redis.call('DEL', KEYS[1])
redis.call('HSET', KEYS[1],
    'log', ARGV[2], 'layout', ARGV[3], 'generation', ARGV[4], 'next', ARGV[5])
redis.call('PUBLISH', ARGV[6], ARGV[7] .. ' ' .. ARGV[4] .. ' ' .. ARGV[5])
return 1
