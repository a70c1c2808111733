-- Begins a new generation of a partition unless somebody else did. A shadow beside the old one ends
-- with it: it is as old as what is swept now. So is one that was given up, whose names may be there.
-- KEYS[1] position, KEYS[2] shadow; ARGV generation as the caller knows it ('' for none), log,
-- layout, new generation, next, channel, who, position of the first record that may be in it,
-- position from which on it has all that there was to fold when it began: until then it is no
-- answer to say that something does not exist, form of what is stored here
local known = redis.call('HGET', KEYS[1], 'generation') or ''
local beside = redis.call('HMGET', KEYS[2], 'generation', 'givenUp')
local newest = beside[1] or beside[2] or ''
if known ~= ARGV[1] or newest >= ARGV[4] then
  return 0
end
redis.call('DEL', KEYS[1], KEYS[2])
redis.call('HSET', KEYS[1], 'log', ARGV[2], 'layout', ARGV[3], 'generation', ARGV[4],
    'from', ARGV[8], 'next', ARGV[5], 'goal', ARGV[9], 'form', ARGV[10])
redis.call('PUBLISH', ARGV[6], ARGV[7] .. ' ' .. ARGV[4] .. ' ' .. ARGV[5])
return 1
