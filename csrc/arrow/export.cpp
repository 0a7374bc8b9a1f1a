#include "arrow/export.hpp"

#include <utility>

namespace tokenkit {

namespace {

// What an exported struct owns. A child has its own, as a consumer may move it out and keep it
// longer than its parent.
struct SchemaHolder {
  ArrowSchema child{};
  ArrowSchema* children[1] = {&child};
};

struct ArrayHolder {
  std::shared_ptr<const void> memory;
  const void* buffers[2] = {};
  ArrowArray child{};
  ArrowArray* children[1] = {&child};
};

template <class Struct, class Holder>
void release(Struct* value) {
  auto* holder = static_cast<Holder*>(value->private_data);
  if (holder->child.release != nullptr) holder->child.release(&holder->child);
  delete holder;
  value->release = nullptr;
}

SchemaHolder* fill(ArrowSchema* schema, const char* format, const char* name, int64_t flags) {
  auto* holder = new SchemaHolder;
  *schema = {};
  schema->format = format;
  schema->name = name;
  schema->flags = flags;
  schema->release = release<ArrowSchema, SchemaHolder>;
  schema->private_data = holder;
  return holder;
}

ArrayHolder* fill(ArrowArray* array, size_t length, std::shared_ptr<const void> memory,
                  const void* data) {
  // Not every reader takes a null pointer for an empty buffer.
  static constexpr int64_t kEmpty[8] = {};
  auto* holder = new ArrayHolder;
  holder->memory = std::move(memory);
  holder->buffers[1] = data != nullptr ? data : kEmpty;
  *array = {};
  array->length = static_cast<int64_t>(length);
  array->n_buffers = 2;
  array->buffers = holder->buffers;
  array->release = release<ArrowArray, ArrayHolder>;
  array->private_data = holder;
  return holder;
}

}  // namespace

void export_int64(const std::shared_ptr<const ArrowInt64>& column, ArrowSchema* schema,
                  ArrowArray* array) {
  fill(schema, "l", "", ARROW_FLAG_NULLABLE);
  ArrayHolder* holder = fill(array, column->values.size(), column, column->values.data());
  if (column->null_count != 0) holder->buffers[0] = column->valid.data();
  array->null_count = column->null_count;
}

void export_lists(std::shared_ptr<const uint32_t> ids, size_t size,
                  std::shared_ptr<const int64_t> offsets, size_t rows, ArrowSchema* schema,
                  ArrowArray* array) {
  SchemaHolder* type = fill(schema, "+L", "", 0);
  schema->n_children = 1;
  schema->children = type->children;
  fill(&type->child, "I", "item", 0);
  const int64_t* places = offsets.get();
  ArrayHolder* lists = fill(array, rows, std::move(offsets), places);
  array->n_children = 1;
  array->children = lists->children;
  const uint32_t* values = ids.get();
  fill(&lists->child, size, std::move(ids), values);
}

}  // namespace tokenkit
