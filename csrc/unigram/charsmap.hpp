// SentencePiece's precompiled character map, as the package `tokenizers` applies it.
//
// The map is a double array of 32-bit units (Darts-clone) that leads from strings to texts which
// end in NUL. `tokenizers` asks it about each grapheme cluster of at most 5 bytes, else about each
// character, and takes the text of the *shortest* string that the cluster begins with, for all of
// it; so only strings of at most 5 bytes matter of which none begins with another.
// Source: crate spm_precompiled 0.1.4, and normalizers/precompiled.rs of tokenizers 0.23.
//
// Functions without state, but for CharsMap, which borrows and is immutable: threads may share it.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tokens/byte_tree.hpp"
#include "tokens/sealed.hpp"

namespace tokenkit::unigram {

// The longest cluster, in bytes, that the map is asked about.
inline constexpr size_t kMostCluster = 5;

// The strings that matter, and what each becomes. Throws Error(kVocabulary) for a map that leads
// outside itself, on which `tokenizers` would stop at some texts, and for one of absurd size.
std::vector<std::pair<std::string, std::string>> read_charsmap(std::string_view data);

// The end of the grapheme cluster that starts at `pos`, by Unicode 17.0, which the package knows.
size_t next_cluster(std::string_view text, size_t pos);

class CharsMap {
 public:
  // Writes the map of some strings.
  static void write(const std::vector<std::pair<std::string, std::string>>& entries,
                    SealedWriter& out);
  CharsMap(SealedReader& in, bool* sound);

  // What a string becomes: the text of the first entry that it begins with, if there is one.
  std::optional<std::string_view> find(std::string_view text) const;

  // Is it a byte of ASCII that becomes nothing else where it is a cluster by itself?
  bool keeps_byte(uint8_t byte) const { return byte < 0x80 && keeps_[byte]; }

  // The entries: the character that each begins with, and what it becomes.
  uint32_t count() const { return count_; }
  uint32_t first_char(uint32_t entry) const { return first_chars_[entry]; }
  std::string_view text(uint32_t entry) const {
    return texts_.substr(ends_[entry], ends_[entry + 1] - ends_[entry]);
  }

 private:
  ByteTree tree_;
  uint32_t count_;
  const uint32_t* first_chars_;
  const uint32_t* ends_;  // of each text, in texts_; the first one is 0
  std::string_view texts_;
  std::array<bool, 128> keeps_{};
};

}  // namespace tokenkit::unigram
