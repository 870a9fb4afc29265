declare module "*.docx?url" {
  const address: string;
  export default address;
}
