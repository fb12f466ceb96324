-- What is wrong in some hashes of one kind, a line each. ARGV: layout, kind, first hash, behind the last, step,
-- bytes of a key.
local kind, problems = ARGV[2], {}
local function tell(...)
    problems[#problems + 1] = table.concat({ ... }, ' ')
end
local function hex(bytes)
    return (string.gsub(bytes, '.', function(byte) return string.format('%02x', string.byte(byte)) end))
end

local function check_list(key, list)
    if #list % 4 ~= 0 then
        tell('postings of', hex(key), 'end within a number')
    end
    for at = 1, #list - 3, 4 do
        local number = struct.unpack('>I4', list, at)
        if number == 0 or number > last then
            tell('postings of', hex(key), 'name', number, 'which was never given; the last is', last)
            return
        end
    end
end

local check = {}
function check.p(name, field, list)
    local key = name .. field
    if #key ~= tonumber(ARGV[6]) then
        tell('a key of', #key, 'bytes among the postings')
    elseif list == '' then
        list = call('GET', root .. 'l' .. key) or ''
        if list == '' then
            tell('postings of', hex(key), 'are said to be long and are absent')
        end
    end
    check_list(key, list)
end
function check.e(number, content)
    if #content < 28 or #content < 28 + struct.unpack('>I4', content, 21) + struct.unpack('>I4', content, 25) then
        tell('entry', number, 'is cut')
        return
    end
    local leader = sub(content, 1, 4)
    if number > last then
        tell('entry', number, 'was never given; the last is', last)
    end
    if not get('e', leader) then
        tell('entry', number, 'follows', struct.unpack('>I4', leader), 'which is forgotten')
    end
    if not get('c', leader) then
        tell('entry', number, 'belongs to the cluster of', struct.unpack('>I4', leader), 'which is unknown')
    end
end
function check.c(number, content)
    if #content < 24 then
        tell('cluster', number, 'is cut')
    elseif not get('e', pack(number)) then
        tell('cluster', number, 'has no leader')
    elseif not get('e', sub(content, 1, 4)) then
        tell('cluster', number, 'keeps', struct.unpack('>I4', content), 'which is forgotten')
    end
end

for hash = tonumber(ARGV[3]), tonumber(ARGV[4]) - 1, tonumber(ARGV[5]) do
    local name = kind == 'p' and bucket(hash) or hash
    local contents = call('HGETALL', root .. kind .. name)
    for at = 1, #contents, 2 do
        if kind == 'p' then
            check.p(name, contents[at], contents[at + 1])
        else
            check[kind](hash * 64 + string.byte(contents[at]), contents[at + 1])
        end
    end
end
return problems
