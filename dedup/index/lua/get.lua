-- Entries (kind `e`) or clusters (`c`) of some numbers. ARGV: layout, kind, numbers.
local contents = {}
for at = 1, #ARGV[3], 4 do
    contents[#contents + 1] = get(ARGV[2], sub(ARGV[3], at, at + 3))
end
return contents
