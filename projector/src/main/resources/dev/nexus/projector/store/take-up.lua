-- Marks a shadow as what the holder of a lease goes on with, unless a later holder did. From here
-- on those of earlier leases cannot give it up.
-- KEYS[1] position, KEYS[2] shadow; ARGV generation of the shadow, number of the lease
local at = redis.call('HMGET', KEYS[2], 'generation', 'lease')
if at[1] ~= ARGV[1] or tonumber(at[2] or '0') > tonumber(ARGV[2]) then
  return 0
end
redis.call('HSET', KEYS[2], 'lease', ARGV[2])
return 1
