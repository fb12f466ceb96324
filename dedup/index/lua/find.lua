-- What stands under some keys, and the entries and clusters that it leads to.
-- ARGV: layout, ttl, bytes of a key, keys, most, numbers to reserve, whether entries are wanted.
-- Gives: epoch; of each key how many numbers it has and the last of them; the last `most` numbers of each key;
-- the first number reserved; numbers and contents of entries; numbers and contents of clusters.
local width, keys, most, reserve = tonumber(ARGV[3]), ARGV[4], tonumber(ARGV[5]), tonumber(ARGV[6])
local NONE = string.rep('\0', 8)
if last + reserve > 4294967295 then
    return redis.error_reply('DEDUP full')
end

local stamps, tails, distinct = {}, {}, {}
for at = 1, #keys, width do
    local name, field = sub(keys, at, at + 2), sub(keys, at + 3, at + width - 1)
    local list = call('HGET', root .. 'p' .. name, field)
    local stamp = NONE
    if list then
        local length = #list / 4
        if length == 0 then
            local long = root .. 'l' .. name .. field
            length = call('STRLEN', long) / 4
            list = call('GETRANGE', long, -4 * math.max(most, 1), -1)
        end
        stamp = pack(length) .. sub(list, -4)
        list = sub(list, math.max(1, #list - 4 * most + 1))
        tails[#tails + 1] = list
        distinct[list] = true
    end
    stamps[#stamps + 1] = stamp
end

local entries, entry_numbers, clusters, cluster_numbers, seen = {}, {}, {}, {}, {}
local function want(number)
    if not seen[number] then
        seen[number] = true
        local entry = get('e', number)
        if entry then
            entries[#entries + 1], entry_numbers[#entry_numbers + 1] = entry, number
        end
    end
end
if ARGV[7] == '1' then
    for list in pairs(distinct) do -- copies share their keys, and so their lists
        for at = 1, #list, 4 do
            want(sub(list, at, at + 3))
        end
    end
    local leaders = {}
    for at = 1, #entries do
        leaders[sub(entries[at], 1, 4)] = true
    end
    for leader in pairs(leaders) do
        want(leader)
        local cluster = get('c', leader)
        if cluster then
            clusters[#clusters + 1], cluster_numbers[#cluster_numbers + 1] = cluster, leader
        end
    end
end

local first = 0
if reserve > 0 then
    first = call('HINCRBY', root .. 'meta', 'last', reserve) - reserve + 1
    if ARGV[2] ~= '0' then
        call('EXPIRE', root .. 'meta', ARGV[2])
    end
end
return {
    epoch, table.concat(stamps), table.concat(tails), first,
    table.concat(entry_numbers), entries, table.concat(cluster_numbers), clusters,
}
