-- Ends a shadow, so that no batch is applied to it any more; what it left is swept afterwards. Not
-- when the holder of a later lease has taken it up.
-- KEYS[1] position, KEYS[2] shadow; ARGV generation of the shadow, number of the lease
local at = redis.call('HMGET', KEYS[2], 'generation', 'lease')
if at[1] ~= ARGV[1] or tonumber(at[2] or '0') > tonumber(ARGV[2]) then
  return 0
end
redis.call('DEL', KEYS[2])
redis.call('HSET', KEYS[2], 'givenUp', ARGV[1])
return 1
