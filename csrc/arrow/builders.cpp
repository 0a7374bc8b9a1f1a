#include "arrow/builders.hpp"

#include <limits>
#include <utility>

#include "base/error.hpp"

namespace tokenkit {

SharedColumn make_column(std::string format, std::string name, ArrowNulls nulls,
                         std::vector<std::shared_ptr<const void>> data,
                         std::vector<SharedColumn> children) {
  return std::make_shared<const ArrowColumn>(ArrowColumn{.format = std::move(format),
                                                         .name = std::move(name),
                                                         .nulls = std::move(nulls),
                                                         .data = std::move(data),
                                                         .children = std::move(children)});
}

SharedColumn make_struct(std::vector<SharedColumn> columns, size_t rows, std::string name) {
  ArrowNulls nulls;
  nulls.push_valid(rows);
  return make_column("+s", std::move(name), std::move(nulls), {}, std::move(columns));
}

void ArrowBools::push(bool value) {
  const size_t row = size();
  if (row % 8 == 0) bits_.push_back(0);
  if (value) bits_[row / 8] |= static_cast<uint8_t>(1 << (row % 8));
  nulls_.push(true);
}

void ArrowBools::push_null() {
  if (size() % 8 == 0) bits_.push_back(0);
  nulls_.push(false);
}

SharedColumn ArrowBools::finish(std::string name) {
  return make_column("b", std::move(name), std::move(nulls_), {shared_memory(std::move(bits_))});
}

template <class Offset>
void ArrowOffsets<Offset>::push(size_t length) {
  if (length > static_cast<size_t>(std::numeric_limits<Offset>::max() - offsets_.back())) {
    throw Error(ErrorKind::kValue,
                "row " + std::to_string(size()) +
                    ": expected a result of at most 2,147,483,647 bytes or items in all, as its "
                    "offsets have 32 bits; pass the column in parts, or texts as large_string");
  }
  push_row(length, true);
}

template <class Offset>
void ArrowOffsets<Offset>::push_row(size_t length, bool valid) {
  offsets_.push_back(static_cast<Offset>(offsets_.back() + static_cast<Offset>(length)));
  nulls_.push(valid);
}

template <class Offset>
SharedColumn ArrowOffsets<Offset>::finish_list(SharedColumn items, std::string name) {
  return make_column(sizeof(Offset) == 4 ? "+l" : "+L", std::move(name), std::move(nulls_),
                     {shared_memory(std::move(offsets_))}, {std::move(items)});
}

template <class Offset>
SharedColumn ArrowOffsets<Offset>::finish_texts(std::shared_ptr<const void> bytes,
                                                std::string name) {
  return make_column(sizeof(Offset) == 4 ? "u" : "U", std::move(name), std::move(nulls_),
                     {shared_memory(std::move(offsets_)), std::move(bytes)});
}

template class ArrowOffsets<int32_t>;
template class ArrowOffsets<int64_t>;

}  // namespace tokenkit
