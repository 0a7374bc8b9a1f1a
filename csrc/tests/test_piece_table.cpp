// The caches of merged pieces: whatever they answer is what was put in last, at any size.
#include <string>
#include <unordered_map>
#include <vector>

#include "bpe/piece_table.hpp"
#include "tests/check.hpp"
#include "tests/generators.hpp"

namespace tokenkit::test {
namespace {

const uint8_t* bytes_of(const std::string& s) { return reinterpret_cast<const uint8_t*>(s.data()); }

std::string random_piece(Random& random, uint32_t letters, uint32_t longest) {
  std::string piece;
  const uint32_t size = 1 + random.below(longest);
  for (uint32_t i = 0; i < size; ++i) piece += static_cast<char>('a' + random.below(letters));
  return piece;
}

IdEntry id_entry(Key key, uint32_t value) { return {key, {value, value + 1, value + 2}, 3}; }
bool holds(const IdEntry& e, uint32_t value) { return e.count == 3 && e.ids[2] == value + 2; }
CountEntry count_entry(Key key, uint32_t value) { return {key, 1 + value % 15}; }
bool holds(const CountEntry& e, uint32_t value) { return e.count() == 1 + value % 15; }

// Returns how many of the pieces are still known at the end.
template <class Table, class Make>
size_t fill(unsigned bits, unsigned max_bits, size_t count, const Make& make) {
  Random random(7);
  Table table(bits, max_bits);
  std::unordered_map<std::string, uint32_t> truth;
  struct Place {
    const typename Table::Entry* entry;
    Key key;
    uint32_t value;
  };
  std::vector<Place> places;  // of entries that have not moved
  uint64_t moves = table.moves();
  for (uint32_t i = 0; i < count; ++i) {
    const std::string piece = random_piece(random, 12, kShortMax);
    const Key key = make_key(bytes_of(piece), piece.size());
    table.insert(key, hash_key(key), make(key, i));
    truth[piece] = i;
    const auto* just_put = table.find(key, hash_key(key));
    CHECK(just_put != nullptr && holds(*just_put, i));
    const auto* probed = table.probe(key, hash_key(key));
    CHECK(!probed->is(key) || probed == just_put);
    if (table.moves() != moves) places.clear();
    moves = table.moves();
    std::erase_if(places, [&](const Place& place) { return place.key == key; });
    places.push_back({just_put, key, i});
    for (int k = 0; k < 8; ++k) {
      const Place& place = places[random.below(static_cast<uint32_t>(places.size()))];
      CHECK(place.entry->is(place.key) && holds(*place.entry, place.value));
    }
    const std::string other = random_piece(random, 12, kShortMax);
    const Key asked = make_key(bytes_of(other), other.size());
    const auto* found = table.find(asked, hash_key(asked));
    if (found != nullptr) CHECK(truth.count(other) == 1 && holds(*found, truth[other]));
  }
  size_t known = 0;
  for (const auto& [piece, value] : truth) {
    const Key key = make_key(bytes_of(piece), piece.size());
    const auto* found = table.find(key, hash_key(key));
    if (found == nullptr) continue;
    CHECK(holds(*found, value));
    ++known;
  }
  CHECK(known <= size_t{1} << max_bits);
  if (!CHECK(!truth.empty())) return 0;
  return known * 100 / truth.size();
}

void test_short_tables() {
  CHECK(fill<IdTable>(3, 16, 20000, id_entry) >= 97);  // few are lost while it grows
  CHECK(fill<CountTable>(3, 16, 20000, count_entry) >= 97);
  CHECK(fill<IdTable>(16, 16, 20000, id_entry) >= 99);
  fill<IdTable>(3, 3, 2000, id_entry);  // cannot grow
  fill<CountTable>(4, 6, 5000, count_entry);
  const size_t left = fill<IdTable>(8, 8, 20000, id_entry);
  CHECK(left <= 2);
}

void test_long_table(size_t arena_bytes, size_t at_least) {
  Random random(9);
  LongTable table(10, arena_bytes);
  std::unordered_map<std::string, std::vector<uint32_t>> truth;
  std::vector<std::pair<RecordName, std::vector<uint32_t>>> names;
  const auto ids_of = [](const LongTable::Record& found) {
    return std::vector<uint32_t>(found.ids, found.ids + found.count);
  };
  size_t known = 0;
  for (uint32_t i = 0; i < 3000; ++i) {
    const std::string piece = random_piece(random, 3, i % 2 == 0 ? 5 : LongTable::kMaxBytes);
    const uint64_t hash = hash_bytes(bytes_of(piece), piece.size());
    const LongTable::Record found = table.find(bytes_of(piece), piece.size(), hash);
    for (int k = 0; k < 4 && !names.empty(); ++k) {  // some are no longer there, none is another's
      const auto& [name, named] = names[random.below(static_cast<uint32_t>(names.size()))];
      if (table.find(name).ids != nullptr) CHECK(ids_of(table.find(name)) == named);
    }
    if (found.ids != nullptr) {
      ++known;
      CHECK(ids_of(found) == truth[piece]);
      continue;
    }
    std::vector<uint32_t> ids(1 + random.below(static_cast<uint32_t>(piece.size())), i);
    const RecordName name = table.insert(bytes_of(piece), piece.size(), hash, ids.data(),
                                         static_cast<uint32_t>(ids.size()));
    truth[piece] = ids;
    names.emplace_back(name, ids);
    CHECK(table.find(name).ids != nullptr && ids_of(table.find(name)) == ids);
  }
  CHECK(known >= at_least);
}

}  // namespace
}  // namespace tokenkit::test

int main() {
  tokenkit::test::test_short_tables();
  tokenkit::test::test_long_table(size_t{8} << 20, 1000);
  tokenkit::test::test_long_table(size_t{40} << 10, 100);
  tokenkit::test::test_long_table(0, 1);
  return tokenkit::test::report("test_piece_table");
}
