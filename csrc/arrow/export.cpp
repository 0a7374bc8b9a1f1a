#include "arrow/export.hpp"

#include <memory>
#include <string>
#include <vector>

namespace tokenkit {

namespace {

// The structs of the children, and pointers to them as the interface wants them. Those that were
// not moved out are released with their parent.
template <class Struct>
class Children {
 public:
  explicit Children(size_t size) : structs_(size), pointers_(size) {
    for (size_t i = 0; i < size; ++i) pointers_[i] = &structs_[i];
  }
  Children(const Children&) = delete;
  Children& operator=(const Children&) = delete;
  ~Children() {
    for (Struct& child : structs_) {
      if (child.release != nullptr) child.release(&child);
    }
  }
  Struct* operator[](size_t i) { return &structs_[i]; }
  // Says in the parent which they are.
  void put_into(Struct* parent) {
    parent->n_children = static_cast<int64_t>(structs_.size());
    parent->children = structs_.empty() ? nullptr : pointers_.data();
  }

 private:
  std::vector<Struct> structs_;
  std::vector<Struct*> pointers_;
};

// What an exported struct owns. Each child has its own, so it may outlive its parent.
struct SchemaHolder {
  std::string format, name;
  Children<ArrowSchema> children;
};

struct ArrayHolder {
  SharedColumn column;
  std::vector<const void*> buffers;
  Children<ArrowArray> children;
};

template <class Struct, class Holder>
void release(Struct* value) {
  delete static_cast<Holder*>(value->private_data);
  value->release = nullptr;
}

}  // namespace

void export_schema(const ArrowColumn& column, ArrowSchema* schema) {
  const size_t size = column.children.size();
  std::unique_ptr<SchemaHolder> holder(
      new SchemaHolder{column.format, column.name, Children<ArrowSchema>(size)});
  for (size_t i = 0; i < size; ++i) export_schema(*column.children[i], holder->children[i]);
  *schema = {};
  schema->format = holder->format.c_str();
  schema->name = holder->name.c_str();
  schema->flags = ARROW_FLAG_NULLABLE;
  holder->children.put_into(schema);
  schema->release = release<ArrowSchema, SchemaHolder>;
  schema->private_data = holder.release();
}

void export_array(const SharedColumn& column, ArrowArray* array) {
  // Not every reader takes a null pointer for an empty buffer.
  static constexpr int64_t kEmpty[8] = {};
  const size_t size = column->children.size();
  std::unique_ptr<ArrayHolder> holder(new ArrayHolder{column, {}, Children<ArrowArray>(size)});
  holder->buffers.push_back(column->nulls.bits());
  for (const auto& data : column->data) {
    holder->buffers.push_back(data != nullptr ? data.get() : kEmpty);
  }
  for (size_t i = 0; i < size; ++i) export_array(column->children[i], holder->children[i]);
  *array = {};
  array->length = static_cast<int64_t>(column->size());
  array->null_count = column->nulls.null_count();
  array->n_buffers = static_cast<int64_t>(holder->buffers.size());
  array->buffers = holder->buffers.data();
  holder->children.put_into(array);
  array->release = release<ArrowArray, ArrayHolder>;
  array->private_data = holder.release();
}

}  // namespace tokenkit
