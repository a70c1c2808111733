-- Forgets a shadow that was given up, once it is swept, unless another one was given up since.
-- KEYS[1] position, KEYS[2] shadow; ARGV generation of the shadow
if redis.call('HGET', KEYS[2], 'givenUp') ~= ARGV[1] then
  return 0
end
redis.call('HDEL', KEYS[2], 'givenUp')
return 1
