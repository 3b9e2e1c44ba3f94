// FunctionRef: a reference to something callable, for a parameter that is only called before the function returns.
// Two pointers, no allocation, so that hot code can call back without being a template.
#pragma once
#include <memory>
#include <type_traits>
#include <utility>

namespace tidemark::json {

template <class Signature>
class FunctionRef;

template <class R, class... A>
class FunctionRef<R(A...)> {
 public:
  template <class F>
  requires(!std::is_same_v<std::remove_cvref_t<F>, FunctionRef> && std::is_invocable_r_v<R, F&, A...>)
      FunctionRef(F&& function)
      : target_{const_cast<void*>(static_cast<const void*>(std::addressof(function)))},
        call_{[](void* target, A... arguments) -> R {
          return (*static_cast<std::remove_reference_t<F>*>(target))(std::forward<A>(arguments)...);
        }} {}

  R operator()(A... arguments) const { return call_(target_, std::forward<A>(arguments)...); }

 private:
  void* target_;
  R (*call_)(void*, A...);
};

}  // namespace tidemark::json
