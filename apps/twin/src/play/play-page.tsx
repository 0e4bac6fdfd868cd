export function PlayPage() {
  return <p>soon</p>;
}
