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
  requires std::is_invocable_r_v<R, const F&, A...> FunctionRef(const F& function)
      : target_{std::addressof(function)}, call_{[](const void* target, A... arguments) -> R {
          return (*static_cast<const F*>(target))(std::forward<A>(arguments)...);
        }} {}

  R operator()(A... arguments) const { return call_(target_, std::forward<A>(arguments)...); }

 private:
  const void* target_;
  R (*call_)(const void*, A...);
};

}  // namespace tidemark::json
