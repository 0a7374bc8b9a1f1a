// The search for borders: between lines, sentences, clauses and words.
//
// The search knows nothing of tokens. It looks at characters only, and only nearby, so the borders
// of a part of a text are those of the whole, except near the ends of the part. Functions without
// state: any thread may call them at any time.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "chunk/border_types.hpp"

namespace tokenkit {

// Appends the borders of text in (from, upto], in order, and the headings. Each border is between
// two grapheme clusters, at most one in a run of white space, unless that is long; none at the ends
// of the text, nor at the ends of its white space. The text before `from` is only looked at: some
// thousand bytes of it are enough. `lines` is what is known at `from`; it becomes what is known at
// `upto`. What the user's own separators end is the best border. A border depends on no more than
// kBorderView bytes behind it. Requires text.size() < 2**32.
void find_borders(std::string_view text, Format format, const Separators& separators, size_t from,
                  size_t upto, LineState& lines, std::vector<Border>& borders,
                  std::vector<Heading>& headings);

// Is there a word border before the white space at `pos`, as find_borders sees it?
bool is_word_border(std::string_view text, size_t pos);

// The first offset at or after `pos` behind which there is no white space, and the last one at or
// before it that follows no white space.
size_t skip_space(std::string_view text, size_t pos);
size_t skip_space_back(std::string_view text, size_t pos);

// The same for the ends of a trimmed chunk that is split at `pos`: white space that is in one
// cluster with something else stays, if all of that cluster is on the chunk's side of `pos`.
size_t trimmed_start(std::string_view text, size_t pos);
size_t trimmed_end(std::string_view text, size_t pos);

}  // namespace tokenkit
