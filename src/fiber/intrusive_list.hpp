// List: a doubly linked list of elements that carry their links, so that joining and leaving it allocates nothing.
// An element derives from Hook<Tag> once for each list that it can be in at the same time.
#pragma once

namespace tidemark::fiber {

template <class Tag>
class Hook {
 public:
  Hook() = default;
  Hook(const Hook&) = delete;
  Hook& operator=(const Hook&) = delete;
  ~Hook() { unlink(); }

  bool is_linked() const noexcept { return next_ != nullptr; }

  // Leaves the list that it is in, if any.
  void unlink() noexcept {
    if (next_ == nullptr) return;
    previous_->next_ = next_;
    next_->previous_ = previous_;
    previous_ = next_ = nullptr;
  }

 private:
  template <class, class>
  friend class List;

  Hook* previous_ = nullptr;
  Hook* next_ = nullptr;
};

// Owns nothing: elements that are still in it when it ends are let go. Never moves.
template <class T, class Tag>
class List {
 public:
  List() noexcept { close(); }
  List(const List&) = delete;
  List& operator=(const List&) = delete;
  ~List() {
    while (head_.next_ != &head_) head_.next_->unlink();
    head_.previous_ = head_.next_ = nullptr;
  }

  bool empty() const noexcept { return head_.next_ == &head_; }
  T& front() noexcept { return static_cast<T&>(*head_.next_); }

  void push_back(T& element) noexcept {
    Hook<Tag>& hook = element;
    hook.previous_ = head_.previous_;
    hook.next_ = &head_;
    head_.previous_->next_ = &hook;
    head_.previous_ = &hook;
  }

  // Moves all of `other`'s elements behind this list's.
  void take_all(List& other) noexcept {
    if (other.empty()) return;
    Hook<Tag>* first = other.head_.next_;
    Hook<Tag>* last = other.head_.previous_;
    first->previous_ = head_.previous_;
    head_.previous_->next_ = first;
    last->next_ = &head_;
    head_.previous_ = last;
    other.close();
  }

  // Calls `visit` for each element; it may unlink the one that it is given.
  template <class Visit>
  void for_each(Visit visit) {
    for (Hook<Tag>* hook = head_.next_; hook != &head_;) {
      Hook<Tag>* next = hook->next_;
      visit(static_cast<T&>(*hook));
      hook = next;
    }
  }

 private:
  void close() noexcept { head_.previous_ = head_.next_ = &head_; }

  Hook<Tag> head_;
};

}  // namespace tidemark::fiber
