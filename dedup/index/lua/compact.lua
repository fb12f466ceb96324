-- Gives up what is posted of forgotten entries in some small hashes; gives the keys of the long lists there.
-- ARGV: layout, first hash, behind the last, step.
call('DEL', root .. 'p') -- no such key; after it, the server lets a script write that runs when memory is short
local known, long = {}, {}
for number = tonumber(ARGV[2]), tonumber(ARGV[3]) - 1, tonumber(ARGV[4]) do
    local key = root .. 'p' .. bucket(number)
    local lists = call('HGETALL', key)
    local left, changed = {}, false
    for at = 1, #lists, 2 do
        local field, list = lists[at], lists[at + 1]
        if list == '' then
            long[#long + 1] = bucket(number) .. field
            left[#left + 1], left[#left + 2] = field, list
        else
            local kept = alive(list, known)
            if kept == '' then
                call('HDEL', key, field)
            else
                left[#left + 1], left[#left + 2] = field, kept
                if kept ~= list then
                    call('HSET', key, field, kept)
                end
            end
            changed = changed or kept ~= list
        end
    end
    -- A hash that grew beyond the packed form does not return to it by itself.
    if changed and #left > 0 and #left <= 1024 and call('OBJECT', 'ENCODING', key) == 'hashtable' then
        local ttl = call('PTTL', key)
        call('DEL', key)
        call('HSET', key, unpack(left))
        if ttl > 0 then
            call('PEXPIRE', key, ttl)
        end
    end
end
return long
